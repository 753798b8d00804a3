package webextest

import (
	"maps"
	"strings"
)

// The ids that every server has.
const (
	PersonNora          = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9mMDBkMWEyYi0zYzRkLTRlNWYtOGE2Yi03YzhkOWUwZjFhMTU"
	LocationAustin      = "Y2lzY29zcGFyazovL3VzL0xPQ0FUSU9OLzkwODE3MjYzLTU0NDUtNDM2Mi04MTkwLWExYjJjM2Q0ZTUwNw"
	LocationPorto       = "Y2lzY29zcGFyazovL3VzL0xPQ0FUSU9OLzMxMTYx"
	LicenseProfessional = "Y2lzY29zcGFyazovL3VzL0xJQ0VOU0UvMWIyYzNkNGUtNWY2MC00NzE4LTkyYTMtYjRjNWQ2ZTdmODA2OkNWX2FhYmJjY2RkLTAwMTEtNDIyMy04NDQ1LTU2Njc3ODg5OTAxMA"
	LicenseStandard     = "Y2lzY29zcGFyazovL3VzL0xJQ0VOU0UvMWIyYzNkNGUtNWY2MC00NzE4LTkyYTMtYjRjNWQ2ZTdmODA2OkNWX2JiY2NkZGVlLTExMjItNDMzNC04NTU2LTY3Nzg4OTkwMGExMQ"
	LicenseAssist       = "Y2lzY29zcGFyazovL3VzL0xJQ0VOU0UvMWIyYzNkNGUtNWY2MC00NzE4LTkyYTMtYjRjNWQ2ZTdmODA2OkNYRV9jY2RkZWVmZi0yMjMzLTQ0NDUtODY2Ny03ODg5OTAwMTFiMTI"
	LicenseMessaging    = "Y2lzY29zcGFyazovL3VzL0xJQ0VOU0UvMWIyYzNkNGUtNWY2MC00NzE4LTkyYTMtYjRjNWQ2ZTdmODA2Ok1TX2RkZWVmZjAwLTMzNDQtNDU1Ni04Nzc4LTg5OTAwMTFhMmMxMw"
	LicenseMeetings     = "Y2lzY29zcGFyazovL3VzL0xJQ0VOU0UvMWIyYzNkNGUtNWY2MC00NzE4LTkyYTMtYjRjNWQ2ZTdmODA2Ok1DX2VlZmYwMDExLTQ0NTUtNDY2Ny04ODg5LTkwMDExYTJiM2QxNA"
	RoleFullAdminID     = "Y2lzY29zcGFyazovL3VzL1JPTEUvYTFiMmMzZDQtMDAwMC00MTExLTgyMjItMzMzMzQ0NDQ1NTU1"
	RoleUserAdminID     = "Y2lzY29zcGFyazovL3VzL1JPTEUvaWRfdXNlcl9hZG1pbg"
)

// The people, workspaces, virtual line and queues of [WithSampleData].
//
// Dana and Erin are supervisors in Customer Assist: Dana's agents are Ana and the
// Lobby, Erin's is Carla. Frank and Omar are Basic: Frank's are Gita and Hana,
// Omar's is Ivan. Ben, Dev and the virtual line have no supervisor. Kofi has the
// Standard licence and Marco none: neither can be an agent. Lena may not log in,
// and Julia's status is not shared.
const (
	PersonDana  = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8zZjFjMmE3MC01YjFlLTRjMWQtOWE1Mi0wYzZmN2UyYjFhMDE"
	PersonAna   = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS83YTlkNGUxMi0wYzM0LTRmN2ItOGQxMC0yYjVlNmY3MGExMDI"
	PersonBen   = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9iNDQxMGM1NS05ZTJmLTRhODYtYmIwNy02MWQwYzNmOGEyMDM"
	PersonCarla = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS85NTA4OTc4ZC05YmFkLTRmYWEtYTljNC0wOWQ4NWQ4ZmRjZTY"
	PersonDev   = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9iYzIyMTRlNi0zYzdlLTRkZDAtOTc3Yy0zNzRlOWE2ZDk4MWM"
	PersonErin  = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8wYTFiMmMzZC00ZTVmLTRhNmItOGM3ZC04ZTlmMGExYjJjMDY"
	PersonFrank = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8xYjJjM2Q0ZS01ZjZhLTRiN2MtOGQ4ZS05ZjBhMWIyYzNkMDc"
	PersonGita  = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8yYzNkNGU1Zi02YTdiLTRjOGQtOGU5Zi0wYTFiMmMzZDRlMDg"
	PersonHana  = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8zZDRlNWY2YS03YjhjLTRkOWUtOGYwYS0xYjJjM2Q0ZTVmMDk"
	PersonIvan  = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS80ZTVmNmE3Yi04YzlkLTRlMGYtOGExYi0yYzNkNGU1ZjZhMTA"
	PersonJulia = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS81ZjZhN2I4Yy05ZDBlLTRmMWEtOGIyYy0zZDRlNWY2YTdiMTE"
	PersonKofi  = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS82YTdiOGM5ZC0wZTFmLTRhMmItOGMzZC00ZTVmNmE3YjhjMTI"
	PersonLena  = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS83YjhjOWQwZS0xZjJhLTRiM2MtOGQ0ZS01ZjZhN2I4YzlkMTM"
	PersonMarco = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS84YzlkMGUxZi0yYTNiLTRjNGQtOGU1Zi02YTdiOGM5ZDBlMTQ"
	PersonOmar  = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS85ZDBlMWYyYS0zYjRjLTRkNWUtOGY2YS03YjhjOWQwZTFmMTY"
	AgentLobby  = "Y2lzY29zcGFyazovL3VzL1BMQUNFLzVkMmU4ZjkwLTdjMWEtNGIzZC04ZTZmLTkwYTFiMmMzZDQwNA"
	AgentDesk   = "Y2lzY29zcGFyazovL3VzL1BMQUNFLzZlM2Y5YTAxLThkMmItNGM0ZS05ZjcwLWExYjJjM2Q0ZTUxNw"
	AgentLine   = "Y2lzY29zcGFyazovL3VzL1ZJUlRVQUxfTElORS9lN2Y4YTliMC0xYzJkLTRlM2YtYTRiNS1jNmQ3ZThmOWE1MDU"

	// Customer Assist: by skill (Ana, Ben, Carla, the Lobby), and weighted (Ana, Dev).
	QueueSupport = "Y2lzY29zcGFyazovL3VzL0NBTExfUVVFVUUvMjQ2OGFjZTAtMTM1Ny00OWJkLThmMDItMTM1NzliZGYyNDA4"
	QueueBilling = "Y2lzY29zcGFyazovL3VzL0NBTExfUVVFVUUvMzU3OWJkZjEtMjQ2OC00YWNlLTkwMTMtMjQ2OGFjZTAzNTE5"
	// Basic: the front desk is Julia's and the desk's, the orders, in Porto, are
	// Gita's, Hana's, Ivan's and Lena's, and nobody works at night.
	QueueDesk   = "Y2lzY29zcGFyazovL3VzL0NBTExfUVVFVUUvNDY4YWNlMDItMzU3OS00YmRmLTgxMjQtMzU3OWJkZjE0NjIw"
	QueueOrders = "Y2lzY29zcGFyazovL3VzL0NBTExfUVVFVUUvZURGQU1USXpORFV1YVc1ME1UQXVZbU5zWkM1M1pXSmxlQzVqYjIw"
	QueueNight  = "Y2lzY29zcGFyazovL3VzL0NBTExfUVVFVUUvNjhhY2UwMjQtNTc5Yi00ZGYxLTgzNDYtNTc5YmRmMTM2ODIy"
)

// seedSample stores the sample centre. It makes the hooks' own calls, so that it
// is also an example of them. It is long because it is a table.
func (s *Server) seedSample() {
	n := 0
	add := func(id, name, status string, licences []string, place string, extra map[string]any) {
		n++
		first, last, _ := strings.Cut(name, " ")
		o := map[string]any{
			"id": id, "emails": []string{strings.ToLower(first+"."+last) + "@example.com"}, "firstName": first, "lastName": last,
			"displayName": name, "licenses": licences, "title": "Agent", "department": "Contact centre", "status": status,
			"timezone": "America/Chicago",
		}
		if place != "" {
			o["locationId"] = place
		}
		maps.Copy(o, extra)
		s.AddPerson(o)
		if status == "" {
			s.SetPresence(id, "")
		}
	}
	number := func(extension, phone string, others ...map[string]any) map[string]any {
		numbers := others
		if phone != "" {
			numbers = append([]map[string]any{{"type": "work", "value": phone}}, others...)
		}
		return map[string]any{"extension": extension, "phoneNumbers": numbers}
	}
	mobile := map[string]any{"type": "mobile", "value": "+15125550801", "primary": false}
	assist := []string{LicenseProfessional, LicenseAssist, LicenseMessaging}
	pro := []string{LicenseProfessional, LicenseMessaging}

	add(PersonDana, "Dana Reyes", "active", assist, LocationAustin, number("0110", "+15125550110"))
	add(PersonAna, "Ana Silva", "active", append(assist, LicenseMeetings), LocationAustin, number("1060", "+15125550160", mobile))
	add(PersonBen, "Ben Okoro", "call", assist, LocationAustin, number("1061", "+15125550161"))
	add(PersonCarla, "Carla Mendes", "meeting", assist, LocationAustin, number("1062", "+15125550162"))
	add(PersonDev, "Dev Patel", "DoNotDisturb", assist, LocationAustin, number("1063", ""))
	add(PersonErin, "Erin Walsh", "presenting", assist, LocationAustin, number("0111", "+15125550111"))
	add(PersonFrank, "Frank Huber", "active", pro, LocationPorto, number("2010", "+351220550110"))
	add(PersonGita, "Gita Rao", "inactive", pro, LocationPorto, number("2060", "+351220550160"))
	add(PersonHana, "Hana Kimura", "OutOfOffice", pro, LocationPorto, number("2061", "+351220550161"))
	add(PersonIvan, "Ivan Petrov", "unknown", pro, LocationPorto, number("2062", ""))
	add(PersonJulia, "Julia Costa", "", pro, LocationAustin, number("1064", "+15125550164"))
	add(PersonKofi, "Kofi Mensah", "active", []string{LicenseStandard}, LocationAustin, number("1065", "+15125550165"))
	add(PersonLena, "Lena Vogt", "inactive", pro, LocationPorto, number("2063", "+351220550163"))
	add(PersonMarco, "Marco Rossi", "pending", []string{LicenseMessaging}, "", map[string]any{"invitePending": true})
	add(PersonOmar, "Omar Haddad", "active", pro, LocationAustin, number("0112", "+15125550112"))
	s.ChangePerson(PersonDana, map[string]any{"title": "Supervisor", "roles": []string{RoleUserAdminID}})
	s.ChangePerson(PersonAna, map[string]any{
		"managerId": PersonDana, "manager": "Dana Reyes", "siteUrls": []string{"sim.webex.example#attendee"},
		"addresses": []map[string]any{{"type": "work", "country": "US", "locality": "Austin", "region": "TX", "postalCode": "78701",
			"streetAddress": "1 Lamar"}},
		"newInV2": map[string]any{"badge": 9007199254740993, "tags": []string{"a", "b"}},
	})
	s.ChangePerson(PersonLena, map[string]any{"loginEnabled": false})

	s.addDevice(&device{key: Key(AgentLobby), kind: place, first: "Lobby", last: ".", extension: "1248", phone: "+15125550177"},
		LocationAustin)
	s.addDevice(&device{key: Key(AgentDesk), kind: place, first: "Desk 12", last: ".", extension: "1249"}, LocationAustin)
	s.addDevice(&device{key: Key(AgentLine), kind: virtualLine, first: "Overflow", last: "Line", extension: "1290"}, LocationAustin)

	agent := func(id string, extra map[string]any) map[string]any {
		o := map[string]any{"id": id}
		maps.Copy(o, extra)
		return o
	}
	skill := func(level int, joined bool) map[string]any {
		return map[string]any{"skillLevel": level, "joinEnabled": joined}
	}
	weight := func(percent string) map[string]any { return map[string]any{"weight": percent} }
	s.AddQueue(Assist, "Support", map[string]any{
		"id": QueueSupport, "extension": "8000", "phoneNumber": "+15125550190",
		"callPolicies": map[string]any{"routingType": "SKILL_BASED", "policy": "CIRCULAR"},
		"agents": []any{
			agent(PersonAna, skill(1, true)), agent(PersonBen, skill(2, true)), agent(PersonCarla, skill(3, false)),
			agent(AgentLobby, skill(5, true)),
		},
	})
	s.AddQueue(Assist, "Billing", map[string]any{
		"id": QueueBilling, "extension": "8001", "callPolicies": map[string]any{"routingType": "PRIORITY_BASED", "policy": "WEIGHTED"},
		"callingLineIdPolicy": "CUSTOM", "callingLineIdPhoneNumber": "+15125550199",
		"agents": []any{agent(PersonAna, map[string]any{"weight": "60", "joinEnabled": false}), agent(PersonDev, weight("40"))},
	})
	s.AddQueue(Basic, "Orders", map[string]any{
		"id": QueueOrders, "extension": "9000", "locationId": LocationPorto, "timeZone": "Europe/Lisbon",
		"agents": []any{agent(PersonGita, nil), agent(PersonHana, nil), agent(PersonIvan, map[string]any{"joinEnabled": false}),
			agent(PersonLena, nil)},
	})
	s.AddQueue(Basic, "Front desk", map[string]any{
		"id": QueueDesk, "extension": "8100", "callPolicies": map[string]any{"routingType": "PRIORITY_BASED", "policy": "SIMULTANEOUS"},
		"agents": []any{agent(PersonJulia, nil), agent(AgentDesk, nil)},
	})
	s.AddQueue(Basic, "Night", map[string]any{"id": QueueNight, "extension": "8101"})

	s.AddSupervisor(Assist, PersonDana, PersonAna, AgentLobby)
	s.AddSupervisor(Assist, PersonErin, PersonCarla)
	s.AddSupervisor(Basic, PersonFrank, PersonGita, PersonHana)
	s.AddSupervisor(Basic, PersonOmar, PersonIvan)
	s.AddToken(UserBearer, Token{Role: PlainUser, PersonID: PersonAna})
}
