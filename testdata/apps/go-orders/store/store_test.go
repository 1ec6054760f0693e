package store

import "testing"

func TestAddWantsACustomer(t *testing.T) {
	if err := (&Store{}).Add("", "rye", 5); err == nil {
		t.Error("an order without a customer was taken")
	}
}
