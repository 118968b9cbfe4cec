// Package packaging holds what turns the source into something that a person
// can run: the demo, the list of system packages, the budgets and their
// benchmarks. Its tests hold the layers: which package may import which, and
// what may lie at the top of the repository.
package packaging
