package remedy

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/drydock-cli/drydock/plan"
)

// House are the remedies of an organisation, tried before the bundled ones. The zero value has none.
type House struct{ own []*remedy }

// ReadHouse reads remedies as remedies.yaml of this package writes them. One without a name, without anything to do or with nothing that it
// is for is an error.
func ReadHouse(data []byte) (House, error) {
	list, err := parse(data)
	if errors.Is(err, io.EOF) {
		return House{}, nil
	}
	if err != nil {
		return House{}, err
	}
	for i, r := range list {
		switch {
		case r.ID == "":
			return House{}, fmt.Errorf("read the remedies: row %d has no id", i+1)
		case r.Match == "" && r.When["failure"] == "":
			return House{}, fmt.Errorf("read the remedy %s: it has neither match nor when.failure, and would fit everything", r.ID)
		case len(r.Edit) == 0 && r.Solve == "" && !r.Tell:
			return House{}, fmt.Errorf("read the remedy %s: it has no edit, no solve and does not tell", r.ID)
		}
	}
	return House{own: list}, nil
}

// Propose is the package's Propose with the organisation's remedies before the bundled ones.
func (h House) Propose(p *plan.Plan, s Symptom, tried func(Proposal) bool) (Proposal, bool, error) {
	list, err := load()
	if err != nil {
		return Proposal{}, false, err
	}
	return propose(slices.Concat(h.own, list), p, s, tried)
}
