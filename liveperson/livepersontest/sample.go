package livepersontest

import (
	"maps"
	"strconv"
	"strings"
	"time"
)

// seedAccount stores what every account has.
func (s *Server) seedAccount() {
	s.seedWith(s.groups, object{"id": RootGroup, "name": "Main Group", "isEnabled": true}, nil)
	for _, p := range []struct {
		id, role int64
		name     string
	}{
		{ProfileAdministrator, roleAdmin, "Administrator"},
		{ProfileAgent, roleAgent, "Agent"},
		{ProfileAgentManager, roleManager, "Agent Manager"},
		{ProfileCampaignManager, 4, "Campaign Manager"},
	} {
		s.seedWith(s.profiles, object{
			"id": p.id, "name": p.name, "roleTypeId": p.role, "isAssignedToLPA": false, "permissions": []int64{100 * p.role},
			"permissionPackages": []object{{"id": 10000*p.role + 1, "isDisplayed": true, "isEnabled": true, "featureKeys": []string{}}},
		}, nil)
	}
}

// seedSample stores the sample centre. It is long because it is a table.
func (s *Server) seedSample() {
	s.seedWith(s.profiles, object{
		"name": "Senior Agent", "description": "may also transfer", "roleTypeId": roleAgent, "isAssignedToLPA": false,
		"permissions": []int64{200, 201}, "permissionPackages": []object{{"id": 20001, "isDisplayed": true, "isEnabled": true}},
	}, nil)

	group := func(name, description string) int64 {
		return s.seedWith(s.groups, object{"name": name, "description": description, "isEnabled": true, "parentGroupId": RootGroup}, nil)
	}
	tier1, tier2 := group("tier-1", "first line"), group("tier-2", "second line")
	retail := s.seedWith(s.lobs, object{"name": "retail"}, nil)
	business := s.seedWith(s.lobs, object{"name": "business", "description": "firms"}, nil)
	skill := func(name string, lob, group int64) int64 {
		return s.seedWith(s.skills, object{"name": name, "lobIds": []int64{lob}, "skillRoutingConfiguration": []object{
			{"priority": 1, "splitPercentage": 100, "agentGroupId": group},
		}}, nil)
	}
	billing, orders := skill("billing", retail, tier1), skill("orders", retail, tier1)
	returns, accounts := skill("returns", retail, tier2), skill("key accounts", business, tier2)

	lunch := s.seedWith(s.reasons, object{"text": "lunch", "state": "Away"}, nil)
	s.seedWith(s.reasons, object{"text": "training", "state": "Away"}, nil)
	s.seedWith(s.reasons, object{"text": "paperwork", "state": "Occupied"}, nil)

	n := 0
	add := func(name string, fields object) int64 {
		n++
		first, last, _ := strings.Cut(name, " ")
		login := strings.ToLower(first + "." + last)
		o := object{
			"loginName": login, "fullName": name, "nickname": first, "email": login + "@example.test",
			"employeeId": "E" + strconv.Itoa(1000+n), "isEnabled": true,
		}
		maps.Copy(o, fields)
		decoded := seedObject(s.users, o)
		completeUser(decoded, s.rolesOf)
		return s.seed(s.users, decoded)
	}
	role := func(profiles ...int64) object { return object{"profileIds": profiles, "maxChats": 0} }
	manager := func(groups ...int64) object {
		o := role(ProfileAgentManager)
		var managed []object
		for _, g := range groups {
			managed = append(managed, object{"agentGroupId": g})
		}
		o["managerOf"] = managed
		return o
	}
	agent := func(group int64, lob int64, skills ...int64) object {
		return object{"profileIds": []int64{ProfileAgent}, "maxChats": 3, "memberOf": object{"agentGroupId": group},
			"lobIds": []int64{lob}, "skillIds": skills}
	}

	add("Ines Aldana", role(ProfileAdministrator))
	add("Tomas Brandt", role(ProfileCampaignManager))
	add("Ruth Okafor", manager(tier1))
	add("Leon Varga", manager(tier2))
	add("Mira Solberg", object{"profileIds": []int64{ProfileAgentManager, ProfileAgent}, "maxChats": 1,
		"memberOf": object{"agentGroupId": RootGroup}, "managerOf": []object{{"agentGroupId": tier1}, {"agentGroupId": tier2}}})

	var agents []int64
	for i, name := range []string{
		"Nadia Kovar", "Sam Perrin", "Aiko Tanabe", "Jonas Weld", "Priya Raman", "Oskar Lind", "Carla Mendes",
		"Dylan Frost", "Elif Demir", "Hugo Marchand", "Yara Nasser", "Pavel Zeman",
	} {
		skills := [][]int64{{billing}, {orders}, {billing, orders}}[i%3]
		agents = append(agents, add(name, agent(tier1, retail, skills...)))
	}
	for i, name := range []string{"Grace Adeyemi", "Bruno Keller", "Lucia Ferri", "Owen Hartley", "Sofia Lindqvist"} {
		skills := [][]int64{{returns}, {accounts}, {returns, accounts}}[i%3]
		agents = append(agents, add(name, agent(tier2, business, skills...)))
	}

	add("Ingrid Moen", agent(RootGroup, retail))
	suspended := agent(tier1, retail, orders)
	suspended["isEnabled"] = false
	add("Felix Novak", suspended)
	bot := agent(tier1, retail, orders)
	bot["isApiUser"], bot["userTypeId"], bot["oauth2ClientId"], bot["maxAsyncChats"] = true, 2, s.cfg.clientID, 100
	add("Robo Greeter", bot)

	now := time.Now()
	for i, id := range agents {
		status := []string{Online, Online, Away, BackSoon, Offline}[i%5]
		p := &presence{status: status, reason: "NA", since: now, reasonSince: now}
		if status == Away {
			p.reason = strconv.FormatInt(lunch, 10)
		}
		if status != Offline {
			p.assigned, p.active = int64(i%4), int64(i%2)
		}
		s.presence[id] = p
	}
}
