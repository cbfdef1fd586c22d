package bind

import (
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A booking is what a form with the date fields and checkboxes of HTML sends.
type booking struct {
	At      time.Time
	Until   *time.Time
	Paid    bool
	Guests  int
	Discont sql.Null[int] `json:"discount"`
	Note    sql.NullString
}

func TestFieldsOfForms(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 1, 10, 30, 0, 0, time.UTC)
	midnight := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		data string
		want booking
	}{
		"datetime-local":                       {`{"at":"2026-03-01T10:30"}`, booking{At: noon}},
		"datetime-local with seconds":          {`{"at":"2026-03-01T10:30:15"}`, booking{At: noon.Add(15 * time.Second)}},
		"datetime-local with a fraction":       {`{"at":"2026-03-01T10:30:00.5"}`, booking{At: noon.Add(time.Second / 2)}},
		"date":                                 {`{"at":"2026-03-01"}`, booking{At: midnight}},
		"month":                                {`{"at":"2026-03"}`, booking{At: midnight}},
		"a zone, as encoding/json reads it":    {`{"at":"2026-03-01T10:30:00Z"}`, booking{At: noon}},
		"an empty date":                        {`{"at":""}`, booking{}},
		"an optional date":                     {`{"until":"2026-03-01T10:30"}`, booking{Until: &noon}},
		"an optional date that is empty":       {`{"until":""}`, booking{}},
		"a checkbox after its hidden field":    {`{"paid":["0","on"]}`, booking{Paid: true}},
		"a hidden field alone":                 {`{"paid":"0"}`, booking{}},
		"a checkbox with the value yes":        {`{"paid":"yes"}`, booking{Paid: true}},
		"a checkbox in capitals":               {`{"paid":"TRUE"}`, booking{Paid: true}},
		"a number after its hidden field":      {`{"guests":["0","2"]}`, booking{Guests: 2}},
		"an optional number of database/sql":   {`{"discount":"5"}`, booking{Discont: sql.Null[int]{V: 5, Valid: true}}},
		"an optional number that is empty":     {`{"discount":""}`, booking{}},
		"an optional text of database/sql":     {`{"note":"late"}`, booking{Note: sql.NullString{String: "late", Valid: true}}},
		"an object, as encoding/json reads it": {`{"discount":{"V":5,"Valid":true},"guests":"1"}`, booking{Guests: 1, Discont: sql.Null[int]{V: 5, Valid: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got booking
			require.NoError(t, Decode([]byte(test.data), &got))
			assert.Equal(t, test.want, got)
		})
	}
	for name, data := range map[string]string{
		"a time of day is not a date":   `{"at":"10:30"}`,
		"two numbers are not one":       `{"guests":["1","2"]}`,
		"an optional number that isn't": `{"discount":"x"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got booking
			var problem *Error
			require.ErrorAs(t, Decode([]byte(data), &got), &problem)
			assert.Contains(t, problem.Error(), "wants")
		})
	}
}
