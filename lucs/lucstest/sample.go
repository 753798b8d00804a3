package lucstest

// The services of [WithSampleData].
const (
	// ServiceHelpdesk has five members, of whom Mara and Tom are selectable and one
	// is blocked.
	ServiceHelpdesk = "c2a4b7de-5d0f-4a11-8a90-6f0be1f0c3aa"
	// ServiceFrench has three members, of whom just one, [UserMara], is selectable:
	// the place for the use case "Control Users".
	ServiceFrench = "7be0d3a6-2c48-4f5b-b6a1-90d4c5e81f22"
	// ServiceClaims takes at most two queued external tasks. It does not call out.
	ServiceClaims = "e5190f7c-83b2-4d6e-9f17-3ac8d2b46e50"
	// ServicePolicies calls out only.
	ServicePolicies = "1d86c94b-0e7a-4b39-8c52-f7a1e30d5b68"
)

// The users of [WithSampleData], and what is special about them.
const (
	UserMara  = "3b0f7d52-91c4-4c0b-9a55-0d6f2a7be811" // Online, in two services
	UserTom   = "a94c1e68-7d3f-4e02-b1c7-5e8f90a2d634" // Online
	UserLea   = "58d27ba0-4f91-4c3e-a6d8-1b7c03e9f245" // Offline, her profile is OffDuty; in two services
	UserNils  = "c6e30f19-b852-4a7d-9e04-82d5a1f7c3b6" // blocked, Online
	UserAline = "0f75a8d4-e263-4b18-8d9c-6ab4e2c05f71" // Busy
	UserSara  = "94b1d6e7-30ac-4f58-a27e-d5c8f06b1a93" // Busy, and still selectable
	UserJonas = "e82f5c03-69d7-4ab1-b40f-17e3a9d6c582" // Away, missed a call: RONA
	UserEva   = "2a6d90f8-c17b-4e34-95a2-b8f4e6d10c37" // DoNotDisturb, with a reason; in two services
	UserPaul  = "d13e7b45-08f6-4c92-8ae1-c09b5d72f468" // Online, Late Shift
	UserRita  = "7c58e2a1-d49b-4036-b7f5-e1a08c63d92f" // a supervisor, BeRightBack; in three services
	UserKarl  = "b0a94f6d-5e17-4d83-92c8-4f6e7d1ba350" // new: in no service at all
)

// seedSample stores the sample centre. It is long because it is a table.
func (s *Server) seedSample() {
	for _, unit := range []string{"System/Helpdesk", "System/Insurance Services"} {
		s.AddOrganizationUnit(unit)
	}
	s.AddTrait("Language", "Native", "Fluent", "Basic")
	s.AddTrait("Topic", "Expert", "Trained")
	for _, path := range []string{"Language/German", "Language/French", "Language/English", "Topic/IT", "Topic/Claims", "Topic/Policies"} {
		s.AddTrait(path)
	}
	s.AddProfile("Early Shift", false)
	s.AddProfile("Late Shift", false)

	const helpdesk, insurance = "System/Helpdesk", "System/Insurance Services"
	s.AddService(Service{ID: ServiceHelpdesk, Name: "Helpdesk", Trait: "Topic/IT", OrganizationUnit: helpdesk})
	s.AddService(Service{ID: ServiceFrench, Name: "Helpdesk French", Trait: "Language/French", OrganizationUnit: helpdesk})
	s.AddService(Service{ID: ServiceClaims, Name: "Claims", Trait: "Topic/Claims", OrganizationUnit: insurance,
		DirectionType: "Inbound", MaxQueuedTasks: 2})
	s.AddService(Service{ID: ServicePolicies, Name: "Policies", Trait: "Topic/Policies", OrganizationUnit: insurance,
		DirectionType: "Outbound"})

	type fields = map[string]any
	traits := func(pathsAndAttributes ...string) (out []trait) {
		for i := 0; i < len(pathsAndAttributes); i += 2 {
			out = append(out, trait{pathsAndAttributes[i], pathsAndAttributes[i+1]})
		}
		return out
	}
	add := func(id, first, last, login, unit, shift string, traits []trait, more fields) {
		sip := "sip:" + login + "@example.internal"
		s.AddPerson(sip, first, last)
		responsibilities := []responsibility{}
		for _, t := range traits {
			level := "Medium"
			if t.Attribute == "Native" || t.Attribute == "Expert" {
				level = "High"
			}
			responsibilities = append(responsibilities, responsibility{t.TraitNode, level})
		}
		s.AddUser(fields{
			"Id": id, "SipUri": sip, "CurrentProfile": shift, "DefaultProfile": shift,
			"AAConfiguration": "AA Standard", "NumberOfSimultaneousIm": 2, "ShowAwayAsOffline": true, "RecordingType": "Full",
			"Traits":   traits,
			"Profiles": []profile{{shift, responsibilities}, {"OffDuty", nil}},
			"Roles":    []role{{unit, "AdministratorAgent", "Allow"}},
		})
		if more != nil {
			s.ChangeUser(id, more)
		}
	}

	add(UserMara, "Mara", "Keller", "mara.keller", helpdesk, "Early Shift",
		traits("Language/French", "Native", "Topic/IT", "Trained"), nil)
	add(UserTom, "Tom", "Brandt", "tom.brandt", helpdesk, "Early Shift",
		traits("Language/German", "Native", "Topic/IT", "Expert"), nil)
	add(UserLea, "Lea", "Moser", "lea.moser", helpdesk, "Late Shift",
		traits("Language/French", "Fluent", "Language/English", "Basic", "Topic/IT", "Trained"),
		fields{"CurrentProfile": "OffDuty", "PresenceState": "Offline"})
	add(UserNils, "Nils", "Berger", "nils.berger", helpdesk, "Early Shift",
		traits("Language/English", "Fluent", "Topic/IT", "Expert"), fields{"IsBlockedByLuwareApi": true})
	add(UserAline, "Aline", "Roux", "aline.roux", helpdesk, "Early Shift",
		traits("Language/French", "Native"), fields{"PresenceState": "Busy"})
	add(UserSara, "Sara", "Conti", "sara.conti", insurance, "Early Shift",
		traits("Topic/Claims", "Expert"), fields{"PresenceState": "Busy", "IsBusySelectable": true})
	add(UserJonas, "Jonas", "Frei", "jonas.frei", insurance, "Early Shift",
		traits("Topic/Claims", "Trained"), fields{"PresenceState": "Away"})
	s.act(UserJonas, func(u *user) { u.rona = true })
	add(UserEva, "Eva", "Lindt", "eva.lindt", insurance, "Late Shift",
		traits("Topic/Claims", "Expert", "Topic/Policies", "Trained"),
		fields{"PresenceState": "DoNotDisturb", "NotReadyReason": "Sonderarbeit / Special Duty"})
	add(UserPaul, "Paul", "Wenger", "paul.wenger", insurance, "Late Shift",
		traits("Topic/Policies", "Expert"), nil)
	add(UserRita, "Rita", "Sommer", "rita.sommer", rootUnit, "Early Shift",
		traits("Topic/IT", "Expert", "Topic/Claims", "Trained", "Topic/Policies", "Trained"),
		fields{"PresenceState": "BeRightBack", "NotReadyReason": "Pause"})
	add(UserKarl, "Karl", "Huber", "karl.huber", helpdesk, "Early Shift", nil, fields{
		"PresenceState": "Offline", "Traits": []trait{}, "Profiles": []profile{}, "Roles": []role{},
		"CurrentProfile": nil, "DefaultProfile": nil,
	})

	// In the directory, and no users yet.
	s.AddPerson("sip:noemi.graf@example.internal", "Noemi", "Graf")
	s.AddPerson("sip:luca.meier@example.internal", "Luca", "Meier")
}
