package highlight

import (
	"time"

	"github.com/alecthomas/chroma/v2"
)

// boundState is the name of a state that no rule leads to; its one rule sets
// the time bounds while the rules are compiled.
const boundState = "starling: bounds"

// bound makes rules that stop: each expression after matchTimeout, and going
// round in circles after callTimeout.
func bound(rules chroma.Rules) chroma.Rules {
	bounded := make(chroma.Rules, len(rules)+1)
	for state, list := range rules {
		kept := make([]chroma.Rule, len(list))
		for i, r := range list {
			// What changes the rules themselves, as an include does, must
			// stay visible to the compiler.
			if _, compiles := r.Mutator.(chroma.LexerMutator); !compiles {
				r.Mutator = guard{r.Mutator}
			}
			kept[i] = r
		}
		bounded[state] = kept
	}
	bounded[boundState] = []chroma.Rule{{Mutator: bounder{}}}
	return bounded
}

// guard is called at each match of a rule, before the rule's own mutator.
type guard struct{ then chroma.Mutator }

// startKey is where guards keep when a lexer began.
type startKey struct{}

// Mutate stops a lexer that has run for too long: one whose rules match the
// empty string in a circle never comes back to Tokens otherwise.
func (g guard) Mutate(s *chroma.LexerState) error {
	switch start, ok := s.Get(startKey{}).(time.Time); {
	case !ok:
		s.Set(startKey{}, time.Now())
	case time.Since(start) > callTimeout:
		return errLate
	}
	if g.then == nil {
		return nil
	}
	return g.then.Mutate(s)
}

// bounder sets the time bound of all expressions, which chroma would let run
// five times as long.
type bounder struct{}

// Mutate is never called: no rule leads to bounder's state.
func (bounder) Mutate(*chroma.LexerState) error { return nil }

// MutateLexer sets the bounds and takes bounder's state out. By then all
// expressions are compiled; rules that are included later are shared.
func (bounder) MutateLexer(rules chroma.CompiledRules, _ string, _ int) error {
	for _, list := range rules {
		for _, r := range list {
			r.Regexp.MatchTimeout = matchTimeout
		}
	}
	delete(rules, boundState)
	return nil
}
