package avayatest

import (
	"maps"
	"strings"
)

// seedSample is what [WithSampleData] promises. It is long because it is a table.
func (s *Server) seedSample() {
	ux := s.ids.uuid("uxProfile")

	sales := s.AddQueue(object{"name": "Sales", "description": "New customers", "defaultAccountQueue": true})
	billing := s.AddQueue(object{"name": "Billing", "description": "Invoices and payments", "afterContactWork": true})
	support := s.AddQueue(object{"name": "Technical support", "description": "Faults and repairs"})

	attributes := func(values ...string) []any {
		var out []any
		for _, v := range values {
			out = append(out, object{"value": v})
		}
		return out
	}
	s.AddCategory(object{"name": "Language", "attributes": attributes("English", "Spanish", "French", "German", "Basque")})
	s.AddCategory(object{"name": "Product", "attributes": attributes("Broadband", "Mobile", "Television", "Landline")})

	front := s.AddGroup(object{"name": "Front line", "description": "Day shift", "organizationNodeId": s.cfg.account})
	night := s.AddGroup(object{"name": "Night team", "description": "Night shift", "organizationNodeId": s.cfg.account})

	omni := s.AddProfile(object{
		"profileId": "OMNI01", "profileName": "Omnichannel agent", "description": "All channels, day shift",
		"uxProfileId": ux, "roles": []any{"Agent"}, "memberOfGroups": []any{front},
		"features": object{
			"voice": object{"autoAnswer": false, "afterContactWork": true, "afterContactWorkMode": "TIMED", "afterContactWorkTimer": 30},
			"chat":  object{"autoAnswer": false, "multiplicity": 3, "afterContactWork": false},
			"email": object{"autoAnswer": false, "multiplicity": 5, "afterContactWork": false},
			"matching": object{
				"attributes": []any{"Language.English"},
				"queues":     []any{object{"queueId": sales, "proficiency": 4}, object{"queueId": billing, "proficiency": 8}},
			},
		},
	})
	nights := s.AddProfile(object{
		"profileId": "NGHTV1", "profileName": "Night shift voice", "description": "Voice only, nights",
		"roles": []any{"Agent"}, "memberOfGroups": []any{night},
		"features": object{
			"voice":    object{"autoAnswer": true, "afterContactWork": true, "afterContactWorkMode": "MANUAL"},
			"recorder": object{},
		},
	})

	add := func(name string, more object) {
		first, last, _ := strings.Cut(name, " ")
		login := strings.ToLower(first+"."+last) + "@example.com"
		u := object{"loginId": login, "emailId": login, "firstName": first, "lastName": last, "displayName": last + ", " + first}
		maps.Copy(u, more)
		s.AddUser(u)
	}
	queue := func(id string, proficiency int) object { return object{"queueId": id, "proficiency": proficiency} }
	voice := object{"autoAnswer": false, "afterContactWork": false}

	add("Ines Calder", object{"roles": []any{"Administrator"}})
	add("Tomas Brandt", object{"roles": []any{"Business Analyst", "Reporting"}})
	add("Lee Roth", object{"roles": []any{"Supervisor"}, "ownedGroups": []any{front}, "features": object{"voice": voice}})
	add("Maren Oduya", object{"roles": []any{"Supervisor", "Agent"}, "ownedGroups": []any{front, night}, "features": object{"voice": voice}})
	add("Pavel Winter", object{"roles": []any{"Supervisor"}, "ownedGroups": []any{night}})

	// Agents who take everything from a profile.
	for _, name := range []string{"Dana Reyes", "Amir Sahl", "Bea Lindholm", "Chiara Fonti", "Dov Marek", "Elif Tanner",
		"Finn Okafor", "Greta Solis"} {
		add(name, object{"profileId": omni})
	}
	for _, name := range []string{"Hugo Abate", "Ivy Castell", "Jonas Petrov", "Kaya Moreau"} {
		add(name, object{"profileId": nights})
	}

	// Agents who override the profile's features, or its groups.
	add("Luca Hartmann", object{"profileId": omni, "features": object{
		"voice": voice,
		"matching": object{"attributes": []any{"Language.English", "Language.German"},
			"queues": []any{queue(sales, 1), queue(support, 2)}},
	}})
	add("Mila Ferrand", object{"profileId": omni, "features": object{
		"chat":     object{"autoAnswer": true, "multiplicity": 6, "afterContactWork": false},
		"matching": object{"attributes": []any{"Language.French"}, "queues": []any{queue(billing, 1)}},
	}})
	add("Nils Ibarra", object{"profileId": nights, "memberOfGroups": []any{front, night}})

	// Agents without a profile.
	add("Oona Kessler", object{"roles": []any{"Agent"}, "memberOfGroups": []any{night}, "features": object{
		"voice": voice,
		"matching": object{"attributes": []any{"Language.Spanish", "Product.Broadband"},
			"queues": []any{queue(support, 3), object{"queueId": billing}}},
	}})
	add("Pia Stroud", object{"roles": []any{"Agent"}, "features": object{
		"email":    object{"autoAnswer": false, "multiplicity": 8, "afterContactWork": false},
		"matching": object{"queues": []any{queue(billing, 16)}},
	}})
	add("Quentin Vale", object{"roles": []any{"Agent", "Reporting"}, "memberOfGroups": []any{front}, "features": object{
		"voice": voice, "recorder": object{}, "aci": object{},
		"matching": object{"attributes": []any{"Product.Mobile"}, "queues": []any{queue(sales, 8)}},
	}})
	add("Rosa Nakamura", object{"roles": []any{"Agent"}, "features": object{"messaging": object{"multiplicity": 4}}})
	add("Sami Delacroix", object{"roles": []any{"Agent"}}) // has no features yet
}
