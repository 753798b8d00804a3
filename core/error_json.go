package core

import (
	"encoding/json"
	"math"
	"strings"
	"time"
)

// errorFacts is the JSON of an error: facts alone, and no cause.
type errorFacts struct {
	Vendor            string  `json:"vendor"`
	Account           string  `json:"account"`
	Op                string  `json:"op"`
	Class             Class   `json:"class"`
	Status            int     `json:"status"`
	Code              string  `json:"code"`
	Message           string  `json:"message"`
	RequestID         string  `json:"requestId"`
	Applied           Applied `json:"applied"`
	Doubt             string  `json:"doubt"`
	Attempts          int     `json:"attempts"`
	RetryAfterSeconds int64   `json:"retryAfterSeconds"`
}

// MarshalJSON writes the facts of the error: where it happened, the class, the
// vendor's words with the hint behind them, and what is known of the change.
func (e *Error) MarshalJSON() ([]byte, error) {
	message := e.Words()
	if e.Hint != "" {
		message = strings.TrimPrefix(message+"; "+e.Hint, "; ")
	}
	applied := e.Applied
	if applied == "" {
		applied = AppliedNo
	}

	return json.Marshal(errorFacts{
		Vendor: e.Vendor, Account: e.Account, Op: e.Op, Class: e.Class, Status: e.Status, Code: e.Code,
		Message: oneLine(message), RequestID: e.RequestID, Applied: applied, Doubt: e.Doubt, Attempts: e.Attempts,
		RetryAfterSeconds: int64(math.Ceil(e.RetryAfter.Seconds())),
	})
}

// UnmarshalJSON reads what MarshalJSON wrote. The hint is then part of Message, and
// there is no cause.
func (e *Error) UnmarshalJSON(data []byte) error {
	var f errorFacts
	if err := json.Unmarshal(data, &f); err != nil {
		return err
	}
	*e = Error{
		Vendor: f.Vendor, Account: f.Account, Op: f.Op, Class: f.Class, Status: f.Status, Code: f.Code,
		Message: f.Message, RequestID: f.RequestID, Applied: f.Applied, Doubt: f.Doubt, Attempts: f.Attempts,
		RetryAfter: time.Duration(f.RetryAfterSeconds) * time.Second,
	}
	return nil
}
