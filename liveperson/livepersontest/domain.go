package livepersontest

import "net/http"

// The hosts that the Domain API answers in memory. Each serves its own service
// only, and [HostReadOnly] refuses writes.
const (
	HostDomain    = "api.liveperson.test"
	HostReadOnly  = "va.acr.liveperson.test"
	HostReadWrite = "va.ac.liveperson.test"
	HostLogin     = "va.agentvep.liveperson.test"
	HostSentinel  = "va.sentinel.liveperson.test"
	HostWorkspace = "va.agentmanagerworkspace.liveperson.test"
)

// The services by their case sensitive names; domain is not one of them.
const (
	domain    = "domain"
	readOnly  = "accountConfigReadOnly"
	readWrite = "accountConfigReadWrite"
	agentVep  = "agentVep"
	sentinel  = "sentinel"
	workspace = "agentManagerWorkspace"
)

var services = []string{agentVep, readOnly, readWrite, sentinel, workspace}

var hosts = map[string]string{
	domain: HostDomain, readOnly: HostReadOnly, readWrite: HostReadWrite,
	agentVep: HostLogin, sentinel: HostSentinel, workspace: HostWorkspace,
}

var serviceOfHost = func() map[string]string {
	m := map[string]string{}
	for service, host := range hosts {
		m[host] = service
	}
	return m
}()

type baseURI struct {
	Service string `json:"service"`
	Account string `json:"account"`
	BaseURI string `json:"baseURI"`
}

// baseURI returns where a service is: a bare host, perhaps with a port.
func (c *call) baseURI(service string) baseURI {
	host := c.request.Host
	switch {
	case c.mount.split && service == readOnly:
		host = c.mount.readers
	case c.mount.split:
		host = c.mount.everything
	case c.mount.memory || serviceOfHost[hostname(host)] != "":
		host = hosts[service]
	}
	return baseURI{Service: service, Account: c.account, BaseURI: host}
}

func (c *call) baseURIs() map[string][]baseURI {
	var all []baseURI
	for _, service := range services {
		all = append(all, c.baseURI(service))
	}
	return map[string][]baseURI{"baseURIs": all}
}

// checkDomain is all the Domain API asks for: it needs no authentication.
func (s *Server) checkDomain(c *call) *problem {
	if v := c.query.Get("version"); v != "1.0" {
		return invalid("version: %q is not 1.0", v)
	}
	if c.account != s.cfg.account {
		return refuse(http.StatusUnauthorized, "invalid site or agent")
	}
	return nil
}

func (s *Server) domainList(c *call) *answer {
	if p := s.checkDomain(c); p != nil {
		return p
	}
	return jsonAnswer(http.StatusOK, c.baseURIs())
}

func (s *Server) domainGet(c *call) *answer {
	if p := s.checkDomain(c); p != nil {
		return p
	}
	if hosts[c.name] == "" || c.name == domain {
		if s.cfg.unknownService < 300 {
			return jsonAnswer(s.cfg.unknownService, struct{}{})
		}
		return refuse(s.cfg.unknownService, "no such service: %s", c.name)
	}

	if s.cfg.domainLists {
		return jsonAnswer(http.StatusOK, c.baseURIs())
	}
	return jsonAnswer(http.StatusOK, c.baseURI(c.name))
}
