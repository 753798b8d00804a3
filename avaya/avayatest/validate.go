package avayatest

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

type kind int

const (
	stringKind kind = iota
	integerKind
	booleanKind
	arrayKind
	objectKind
	switchKind // an object whose content is ignored
)

// A rule is what the vendor's schema says about one value.
type rule struct {
	kind     kind
	required bool
	readOnly bool // ignored in requests
	nullable bool // null is a value; elsewhere it is the same as absent
	min, max int  // characters, items, or value; max 0 means no bound
	pattern  *regexp.Regexp
	shown    string // the pattern as messages show it, where it is not Go's
	check    func(string) bool
	oneOf    []string
	items    *rule
	fields   fields
}

type fields map[string]rule

// A checker walks a request along the schema. It collects what is wrong and
// builds what is to be stored: without read-only fields, and with unknown
// ones exactly as they came.
type checker struct {
	coerceNumbers bool
	violations    []violation
}

func (s *Server) checker() *checker {
	return &checker{coerceNumbers: s.cfg.stringNumbers}
}

// read reads a request's body and checks it.
func (s *Server) read(r *request, schema fields) (object, *problem) {
	body, p := r.object()
	if p != nil {
		return nil, p
	}
	c := s.checker()
	own := c.object("", body, schema)
	if c.violations != nil {
		return nil, invalid(c.violations...)
	}
	return own, nil
}

func (c *checker) fail(path, message string, code int) {
	c.violations = append(c.violations, violation{path, message, code})
}

func (c *checker) object(path string, in object, known fields) object {
	out := object{}
	// What the schema does not know is kept as it came.
	for name, v := range in {
		if _, ok := known[name]; !ok {
			out[name] = v
		}
	}

	for _, name := range sortedKeys(known) {
		r := known[name]
		at := strings.TrimPrefix(path+"."+name, ".")
		v, present := in[name]
		switch {
		case r.readOnly:
		case present && v == nil && r.nullable:
			out[name] = nil
		case v == nil:
			if r.required {
				c.fail(at, "must not be null", codeNull)
			}
		default:
			out[name] = c.value(at, v, r)
		}
	}
	return out
}

func (c *checker) value(path string, v any, r rule) any {
	switch r.kind {
	case stringKind:
		s, ok := v.(string)
		if !ok {
			c.fail(path, "must be a string", 0)
			return v
		}
		c.str(path, s, r)

	case integerKind:
		return c.integer(path, v, r)

	case booleanKind:
		if _, ok := v.(bool); !ok {
			c.fail(path, "must be true or false", 0)
		}

	case arrayKind:
		l, ok := v.([]any)
		if !ok {
			c.fail(path, "must be an array", 0)
			return v
		}

		c.size(path, len(l), r)
		out := make([]any, len(l))
		for i, e := range l {
			at := fmt.Sprintf("%s[%d]", path, i)
			if e == nil {
				c.fail(at, "must not be null", codeNull)
				continue
			}
			out[i] = c.value(at, e, *r.items)
		}
		return out

	case objectKind, switchKind:
		o, ok := v.(object)
		if !ok {
			c.fail(path, "must be an object", 0)
			return v
		}

		if r.kind == switchKind {
			return object{}
		}
		return c.object(path, o, r.fields)
	}

	return v
}

func (c *checker) str(path, s string, r rule) {
	if len(r.oneOf) > 0 && !slices.Contains(r.oneOf, s) {
		c.fail(path, "must be one of "+strings.Join(r.oneOf, ", "), 0)
		return
	}

	c.size(path, utf8.RuneCountInString(s), r)
	if r.pattern != nil && !r.pattern.MatchString(s) || r.check != nil && !r.check(s) {
		shown := r.shown
		if shown == "" {
			shown = r.pattern.String()
		}
		c.fail(path, "must match "+strconv.Quote(shown), codePattern)
	}
}

func (c *checker) size(path string, n int, r rule) {
	if n < r.min || r.max > 0 && n > r.max {
		c.fail(path, fmt.Sprintf("size must be between %d and %d", r.min, r.max), 0)
	}
}

func (c *checker) integer(path string, v any, r rule) any {
	n, ok := v.(json.Number)
	if s, isString := v.(string); isString && c.coerceNumbers {
		n, ok = json.Number(s), true
	}

	i, err := strconv.ParseInt(string(n), 10, 64)
	if !ok || err != nil {
		c.fail(path, "must be an integer", 0)
		return v
	}

	if r.max > 0 && (i < int64(r.min) || i > int64(r.max)) {
		c.fail(path, fmt.Sprintf("must be between %d and %d", r.min, r.max), 0)
	}
	return json.Number(strconv.FormatInt(i, 10))
}

// Patterns of the vendor's schema; Java's, where Go's differ.
var (
	namePattern  = regexp.MustCompile(`^[^<>\^@#]*$`)
	loginPattern = regexp.MustCompile(`^[a-zA-Z\p{L}0-9+-_.]+(?:\.[a-zA-Z\p{L}0-9+-_.]+)*@(?:[a-zA-Z\p{L}0-9-]+\.)+[a-zA-Z\p{L}]{2,63}$`)
	emailPattern = regexp.MustCompile(
		`^[a-zA-Z\p{L}0-9]+[a-zA-Z\p{L}0-9+\-_.]+(?:\.[a-zA-Z\p{L}0-9+\-_.]+)*@(?:[a-zA-Z\p{L}0-9-]+\.)+[a-zA-Z\p{L}]{2,63}$`)
	profilePattern  = regexp.MustCompile(`^[a-zA-Z0-9\-_. ]+$`)
	profileName     = regexp.MustCompile(`^[\p{L}0-9]`)
	groupName       = regexp.MustCompile(`^[^=:*,]*$`)
	nodePattern     = regexp.MustCompile(`^[a-zA-Z]{0,6}$`)
	countryPattern  = regexp.MustCompile(`^[A-Za-z]{2,3}$`)
	digitsPattern   = regexp.MustCompile(`^[0-9]*$`)
	categoryPattern = regexp.MustCompile("^[^\\s|\\[\\*`/?=;,.\\]]([^\\[\\*`/?=;,.\\]]{0,48}[^\\s|\\[\\*`/?=;,.\\]])?$")
	// The vendor's own samples hold ids that are no hexadecimal UUIDs.
	uuidPattern = regexp.MustCompile(`^[0-9a-zA-Z-]{36}$`)
)

// passwordShape is what the schema asks of a password. Empty means that an
// identity provider checks it.
func passwordShape(s string) bool {
	if s == "" {
		return true
	}

	var lower, upper, digit, special bool
	for _, c := range s {
		switch {
		case c >= 'a' && c <= 'z':
			lower = true
		case c >= 'A' && c <= 'Z':
			upper = true
		case c >= '0' && c <= '9':
			digit = true
		case c != '_':
			special = true
		}
	}
	return lower && upper && digit && special && utf8.RuneCountInString(s) >= 8
}

func uuid() rule { return rule{pattern: uuidPattern} }

func uuids(max int) rule {
	item := uuid()
	return rule{kind: arrayKind, max: max, items: &item}
}

func array(min, max int, item rule) rule {
	return rule{kind: arrayKind, min: min, max: max, items: &item}
}

func readOnly() rule { return rule{readOnly: true} }

// channel is what all channels have in common.
func channel(more fields) rule {
	f := fields{
		"autoAnswer":                    {kind: booleanKind},
		"afterContactWork":              {kind: booleanKind},
		"afterContactWorkMode":          {oneOf: []string{"DEFAULT", "DISABLED", "MANUAL", "TIMED"}},
		"afterContactWorkTimer":         {kind: integerKind, min: 1, max: 3600, nullable: true},
		"afterContactWorkOverrideQueue": {kind: booleanKind},
	}
	maps.Copy(f, more)
	return rule{kind: objectKind, fields: f}
}

var (
	multiplicity = rule{kind: integerKind, min: 1, max: 10}

	matching = rule{kind: objectKind, fields: fields{
		"attributes": array(0, 50, rule{max: 255}),
		"queues": array(0, 50, rule{kind: objectKind, fields: fields{
			"queueId":     uuid(),
			"proficiency": {kind: integerKind, min: 1, max: 16},
			"name":        {min: 3, max: 50},
		}}),
	}}

	digital = channel(fields{"multiplicity": multiplicity, "providers": readOnly()})

	userFeatures = rule{kind: objectKind, fields: fields{
		"matching": matching, "chat": digital, "email": digital, "messaging": digital,
		"voice": channel(fields{
			"voicePriority": {kind: booleanKind}, "userExtension": readOnly(), "providers": readOnly(),
			"emergencyLocationIdentificationNumber": readOnly(), "deviceType": readOnly(), "password": readOnly(),
		}),
		"cmvoice": {kind: objectKind, fields: fields{
			"agentLoginId":    {required: true, max: 16, pattern: digitsPattern},
			"extensionNumber": {required: true, max: 16, pattern: digitsPattern},
			"communicationProfileAddresses": {kind: arrayKind, required: true, min: 1, max: 50, items: &rule{
				kind: objectKind, fields: fields{
					"address": {}, "type": {oneOf: []string{"SIP", "E164"}}, "isDefault": {kind: booleanKind},
				}}},
			"agentLoginPassword":           {min: 1, max: 16, pattern: digitsPattern},
			"agentPassword":                {kind: integerKind},
			"communicationProfilePassword": {min: 2, max: 256},
			"deviceType":                   readOnly(), "providers": readOnly(),
		}},
		"aci": {kind: switchKind}, "outbound": {kind: switchKind}, "recorder": {kind: switchKind},
		"advancedcmvoice": {kind: objectKind},
	}}

	profileFeatures = rule{kind: objectKind, fields: fields{
		"matching": matching,
		"chat":     channel(fields{"multiplicity": multiplicity}),
		"email":    channel(fields{"multiplicity": multiplicity}), "messaging": channel(fields{"multiplicity": multiplicity}),
		"voice":   channel(nil),
		"cmvoice": {kind: objectKind, fields: fields{"autoAssignExtension": {kind: booleanKind}, "locationProfileId": uuid()}},
		"aci":     {kind: switchKind}, "outbound": {kind: switchKind}, "recorder": {kind: switchKind},
		"advancedcmvoice": {kind: objectKind},
	}}

	userSchema = fields{
		"organizationNodeId": {required: true, pattern: accountPattern},
		"userId":             readOnly(),
		"uxProfileId":        readOnly(), // comes from the profile
		"loginId":            {required: true, max: 255, pattern: loginPattern},
		"password": {max: 255, check: passwordShape,
			shown: `^(?=.{8,}$)(?=.*?[a-z])(?=.*?[A-Z])(?=.*?[0-9])(?=.*?\W).*$`},
		"lastName":           {required: true, min: 2, max: 255, pattern: namePattern},
		"firstName":          {required: true, min: 2, max: 255, pattern: namePattern},
		"displayName":        {min: 2, max: 510, pattern: namePattern},
		"emailId":            {min: 5, max: 255, pattern: emailPattern},
		"profileId":          {min: 6, max: 6, pattern: profilePattern},
		"memberOfGroups":     uuids(50),
		"ownedGroups":        uuids(50),
		"roles":              array(0, 11, rule{max: 40}),
		"resourcePartitions": uuids(10),
		"addresses": array(0, 5, rule{kind: objectKind, fields: fields{
			"addressId":         {},
			"addressName":       {required: true, min: 2, max: 32},
			"addressTypeNumber": {max: 64},
			"streetNumber":      {required: true, min: 1, max: 16},
			"streetName":        {required: true, min: 2, max: 128},
			"city":              {max: 128},
			"state":             {min: 1, max: 3},
			"countryCode":       {required: true, pattern: countryPattern},
			"zip":               {required: true, min: 4, max: 16},
			"isDefault":         {kind: booleanKind},
			"addressType": {nullable: true, oneOf: []string{"OFFICE", "APARTMENT", "BASEMENT", "BUILDING", "DEPARTMENT", "FLOOR",
				"FRONT", "KEY", "LOBBY", "LOT", "LOWER", "PENTHOUSE", "PIER", "REAR", "ROOM", "SIDE", "SLIP", "SPACE", "STOP",
				"SUITE", "TRAILER", "UNIT", "UPPER"}},
		}}),
		"accountAddresses": array(0, 4, rule{kind: objectKind, fields: fields{
			"addressId": {required: true}, "isDefault": {kind: booleanKind},
		}}),
		"features": userFeatures,
	}

	profileSchema = fields{
		"profileId":          readOnly(),
		"url":                readOnly(),
		"profileName":        {required: true, min: 2, max: 255, pattern: profileName},
		"description":        {min: 5, max: 1024},
		"uxProfileId":        uuid(),
		"roles":              array(0, 50, rule{max: 40}),
		"memberOfGroups":     uuids(50),
		"resourcePartitions": uuids(10),
		"resourcePartitionDefaultResources": array(0, 0, rule{kind: objectKind, fields: fields{
			"resourcePartitionId": uuid(), "defaultResourceId": {}, "type": {oneOf: []string{"CALLER_ID"}},
			"isDefault": {kind: booleanKind},
		}}),
		"features": profileFeatures,
	}

	groupSchema = fields{
		"groupId":            readOnly(),
		"name":               {required: true, min: 1, max: 255, pattern: groupName},
		"description":        {max: 255, pattern: namePattern},
		"organizationNodeId": {pattern: nodePattern},
		"resources": array(1, 50, rule{kind: objectKind, fields: fields{
			"type":        {required: true, oneOf: []string{"User"}},
			"resourceIds": uuids(500),
		}}),
	}

	queueSchema = fields{
		"queueId":             readOnly(),
		"defaultAccountQueue": readOnly(),
		"name":                {required: true, min: 3, max: 50},
		"description":         {min: 3, max: 256},
		"timetableId":         uuid(),
		"afterContactWork":    {kind: booleanKind},
	}

	attributeSchema = array(0, 100, rule{kind: objectKind, fields: fields{
		"value": {required: true, max: 50, pattern: categoryPattern},
		"name":  readOnly(),
	}})

	categorySchema = fields{
		"categoryId": readOnly(),
		"name":       {required: true, max: 50, pattern: categoryPattern},
		"attributes": attributeSchema,
	}
)
