package avayatest

import (
	"net/http"
	"net/url"
	"time"
)

type profile struct {
	id  string
	own object
	op  *operation
}

// renderProfile is the profile as responses show it.
func (s *Server) renderProfile(p *profile) object {
	out := clone(p.own)
	out["profileId"] = p.id
	out["url"] = "/api/admin/user/v1/accounts/" + s.cfg.account + "/profiles/" + url.PathEscape(p.id)

	for _, q := range children(child(child(out["features"])[matchingFeature])["queues"]) {
		if q["proficiency"] == nil {
			q["proficiency"] = 8
		}
	}
	return out
}

func (s *Server) lookUpProfile(r *request) (*profile, *problem) {
	if len(r.id) != 6 || !profilePattern.MatchString(r.id) {
		return nil, invalid(violation{"profileId", "must match " + profilePattern.String(), codePattern})
	}
	if p, ok := s.profiles.Get(r.id); ok && !(s.cfg.hideDeleting && s.deleting(p.op)) {
		return p, nil
	}
	return nil, notFound("The profile does not exist")
}

func (s *Server) getProfile(r *request) answer {
	pr, p := s.lookUpProfile(r)
	if p != nil {
		return fail(p)
	}
	return answer{status: http.StatusOK, body: s.renderProfile(pr)}
}

func (s *Server) checkProfileName(own object, id string) *problem {
	for _, other := range s.profiles.All() {
		if other.id != id && s.fold(text(other.own["profileName"])) == s.fold(text(own["profileName"])) {
			return conflict(violation{"profileName", "already exists", 0})
		}
	}
	return nil
}

func (s *Server) createProfile(r *request) answer {
	own, p := s.read(r, profileSchema)
	if p != nil {
		return fail(p)
	}
	refs, p := s.checkReferences(own, nil)
	if p != nil {
		return fail(p)
	}
	if p := s.checkProfileName(own, ""); p != nil {
		return fail(p)
	}

	pr := &profile{id: s.ids.word("profile", 6), own: own}
	s.profiles.Add(pr.id, pr)
	return s.acceptProfile(r, pr, object{}, true, refs)
}

func (s *Server) replaceProfile(r *request) answer {
	pr, lookUp := s.lookUpProfile(r)
	if lookUp == nil && s.deleting(pr.op) {
		lookUp = notFound("The profile is being deleted")
	}

	// A bad request is answered as one even if there is no such profile.
	own, p := s.read(r, profileSchema)
	if p != nil {
		return fail(p)
	}

	if lookUp != nil {
		return fail(lookUp)
	}
	refs, p := s.checkReferences(own, pr.own)
	if p != nil {
		return fail(p)
	}
	if p := s.checkProfileName(own, pr.id); p != nil {
		return fail(p)
	}

	before := pr.own
	pr.own = own
	return s.acceptProfile(r, pr, before, false, refs)
}

// acceptProfile begins the background work of a create or replace. Users see
// the profile's new values at once.
func (s *Server) acceptProfile(r *request, pr *profile, before object, create bool, refs []reference) answer {
	c := change{of: "profile", create: create, noMatching: create && s.hidesMatching("profile")}
	var last *status
	if pr.op != nil {
		last = pr.op.settled(s.now())
	}

	s.diff(&c, child(before["features"]), child(pr.own["features"]), last)
	c.failure = failsLater(s.failureFor(r.op, pr.id, pr.own, c.parts), refs, false)

	if !s.cfg.quietUpdates || c.failure != nil || len(c.parts) > 0 {
		old := pr.op
		pr.op = s.operation(c, old, func(*operation, time.Time) {})
		s.begin(old, pr.op)
	}
	return answer{status: http.StatusAccepted, body: s.renderProfile(pr)}
}

func (s *Server) deleteProfile(r *request) answer {
	pr, p := s.lookUpProfile(r)
	if p != nil {
		return fail(p)
	}
	if s.deleting(pr.op) {
		return answer{status: http.StatusNoContent}
	}

	c := change{of: "profile", remove: true, parts: deletes(pr.own)}
	c.failure = s.failureFor(r.op, pr.id, pr.own, c.parts)
	old := pr.op
	pr.op = s.operation(c, old, func(o *operation, at time.Time) {
		if !o.failed {
			s.removeProfile(pr)
			s.gone[pr.id] = tombstone{o.final, at.Add(s.cfg.delays.Gone)}
		}
	})

	s.begin(old, pr.op)
	return answer{status: http.StatusNoContent}
}

func (s *Server) removeProfile(pr *profile) {
	s.profiles.Remove(pr.id)
	s.forgetProfile(pr.id)
}

func (s *Server) listProfileStatuses(r *request) answer {
	return s.listStatuses(r, "profileIds", "profileId", rule{max: 6}, func(id string) *status {
		if pr, ok := s.profiles.Get(id); ok {
			return s.statusOf(id, pr.op)
		}
		return s.statusOf(id, nil)
	})
}
