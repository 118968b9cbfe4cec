package highlight

import (
	"time"

	"github.com/alecthomas/chroma/v2"
)

// boundState is the name of a state that no rule leads to; its one rule sets
// the time bound of expressions while the rules are compiled.
const boundState = "starling: bounds"

// bound returns a copy of rules that stops: each expression after matchTimeout,
// and going round in circles at the engine's end. It returns nil for rules that
// run code of their own, which may start lexers without bounds.
func (e *engine) bound(rules chroma.Rules) chroma.Rules {
	bounded := rules.Clone()
	for _, list := range bounded {
		for i, r := range list {
			if _, runs := r.Type.(chroma.EmitterFunc); runs {
				return nil
			}
			// What changes the rules themselves, as an include does, must
			// stay visible to the compiler.
			if _, compiles := r.Mutator.(chroma.LexerMutator); !compiles {
				list[i].Mutator = e.guard(r.Mutator)
			}
		}
	}
	if len(bounded["root"]) > 0 {
		bounded[boundState] = []chroma.Rule{{Mutator: bounder{}}}
	}
	return bounded
}

// guard returns what is called at each match of a rule, before the rule's own
// mutator, and stops a lexer at the engine's end: one whose rules match the
// empty string in a circle never comes back to Tokens otherwise.
func (e *engine) guard(then chroma.Mutator) chroma.Mutator {
	return chroma.MutatorFunc(func(s *chroma.LexerState) error {
		now := time.Now()
		if now.After(e.end) {
			return errLate
		}
		e.slow = e.slow || !e.matched.IsZero() && now.Sub(e.matched) >= matchTimeout
		e.matched = now
		if then == nil {
			return nil
		}
		return then.Mutate(s)
	})
}

// bounder sets the time bound of a lexer's expressions.
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
