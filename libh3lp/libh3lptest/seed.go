package libh3lptest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// SeedPassword is the password of seeded users that name none.
const SeedPassword = "sim-Init-pass-91d4"

// AddAccount adds another customer's account on the same server, with its
// administrator, whose password is [SeedPassword], and returns its id. Its users
// and queues share the name space of all accounts and are invisible to others.
func (s *Server) AddAccount(administrator string) (accountID int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastAccount++
	s.seed(s.users, s.lastAccount, object{"name": administrator}).admin = true
	return s.lastAccount
}

// AddUser stores a user of the account [AccountID] and returns its id. The user
// is a JSON object (string or []byte), or a value that encodes to one, such as a
// map: name, and if wanted id, email, password, and show with status. Any other
// field is one that the client does not know: it is returned as it is. The only check
// is that id and name are free; a name may be one that no request could make. Like all
// seeding methods, it panics on input that makes no sense.
func (s *Server) AddUser(user any) (id int64) { return s.AddUserTo(AccountID, user) }

// AddUserTo is AddUser for any account.
func (s *Server) AddUserTo(accountID int64, user any) (id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seed(s.users, accountID, seedObject(user)).id
}

// AddUsers stores n generated users, user0001 and so on, and returns their ids.
func (s *Server) AddUsers(n int) (ids []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		s.generated++
		ids = append(ids, s.seed(s.users, AccountID, object{"name": fmt.Sprintf("user%04d", s.generated)}).id)
	}
	return ids
}

// AddQueue stores a queue of the account [AccountID] and returns its id; see
// [Server.AddUser]. Its fields are name, and if wanted id, email, transcripts and
// avatar.
func (s *Server) AddQueue(queue any) (id int64) { return s.AddQueueTo(AccountID, queue) }

// AddQueueTo is AddQueue for any account.
func (s *Server) AddQueueTo(accountID int64, queue any) (id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seed(s.queues, accountID, seedObject(queue)).id
}

// AddLink assigns a user to a queue, enabled or suspended.
func (s *Server) AddLink(userID, queueID int64, enabled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, queue := s.must(s.users, userID), s.must(s.queues, queueID)
	if between(user, queue) != nil {
		panic(fmt.Sprintf("libh3lptest: user %d is assigned to queue %d already", userID, queueID))
	}
	connect(user, queue, enabled)
}

// AddUserFolder adds a folder of users and returns its id, which is a parent_id
// for creates.
func (s *Server) AddUserFolder(name string) (id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addFolder(s.users, AccountID, name)
}

// AddQueueFolder adds a folder of queues and returns its id.
func (s *Server) AddQueueFolder(name string) (id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addFolder(s.queues, AccountID, name)
}

func (s *Server) addFolder(k *catalog, account int64, name string) int64 {
	f := folder{id: 77 + int64(len(s.users.folders)+len(s.queues.folders)), account: account, name: name}
	k.folders = append(k.folders, f)
	return f.id
}

func seedObject(v any) object {
	text, err := simnet.Seed(v)
	if err != nil {
		panic(fmt.Sprintf("libh3lptest: %v", err))
	}
	o, err := decodeObject(text)
	if err != nil {
		panic(fmt.Sprintf("libh3lptest: %v: %s", err, text))
	}
	return o
}

func (s *Server) seed(k *catalog, account int64, in object) *entry {
	e := &entry{account: account, extra: object{}, password: SeedPassword}
	switch id := in["id"].(type) {
	case int64:
		e.id = id
	case json.Number:
		e.id, _ = parseID(id.String())
	}

	e.name, _ = in["name"].(string)
	if k.At(e.id) != nil || e.name == "" || s.names[e.name] {
		panic(fmt.Sprintf("libh3lptest: %s: the id or name is in use, or there is no name: %v", k.kind, in))
	}

	k.add(e)
	s.names[e.name] = true
	s.set(k, e, in)
	return e
}

// set copies fields without checking them.
func (s *Server) set(k *catalog, e *entry, in object) {
	for field, v := range in {
		word, _ := v.(string)
		switch {
		case field == "id" || field == "name" || field == "type":
		case field == "email":
			e.email = word
		case k == s.users && field == "password":
			e.password = word
		case k == s.users && field == "show" && word == Unavailable:
			e.resources = nil
		case k == s.users && field == "show":
			status, _ := in["status"].(string)
			e.resources = []Resource{{Name: "libraryh3lp", Priority: 5, Show: word, Status: status}}
		case field == "show" || field == "status":
		case k == s.queues && field == "transcripts":
			e.transcripts = v == true
		case k == s.queues && field == "avatar":
			e.avatar = word
		default:
			if e.extra == nil {
				e.extra = object{}
			}
			e.extra[field] = v
		}
	}
}

// ChangeUser sets fields of a stored user, as in [Server.AddUser], as somebody
// else's write behind the back of the client under test. A name renames; an email
// of null is none.
func (s *Server) ChangeUser(id int64, fields any) { s.change(s.users, id, fields) }

// ChangeQueue sets fields of a stored queue; see [Server.ChangeUser].
func (s *Server) ChangeQueue(id int64, fields any) { s.change(s.queues, id, fields) }

func (s *Server) change(k *catalog, id int64, fields any) {
	s.mu.Lock()
	defer s.mu.Unlock()

	e, in := s.must(k, id), seedObject(fields)
	if name, ok := in["name"].(string); ok && name != e.name {
		if name == "" || s.names[name] {
			panic("libh3lptest: the name is in use: " + name)
		}
		s.rename(e, name)
	}
	s.set(k, e, in)
}

// IgnoreUpdates makes updates change nothing from now on, or ends that. The answers then
// show the old values, as after illegal ones.
func (s *Server) IgnoreUpdates(ignore bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ignoreUpdates = ignore
}

// RemoveUser deletes a user as somebody else, with all links and sessions.
func (s *Server) RemoveUser(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(s.users, s.must(s.users, id))
}

// RemoveQueue deletes a queue as somebody else, with all links.
func (s *Server) RemoveQueue(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(s.queues, s.must(s.queues, id))
}

// SetEnabled resumes or suspends a link as somebody else: staff can opt in again
// from the vendor's own client.
func (s *Server) SetEnabled(userID, queueID int64, enabled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustLink(userID, queueID).enabled = enabled
}

// RemoveLink unassigns a user from a queue as somebody else.
func (s *Server) RemoveLink(userID, queueID int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustLink(userID, queueID).remove()
}

func (s *Server) mustLink(userID, queueID int64) *link {
	l := between(s.must(s.users, userID), s.must(s.queues, queueID))
	if l == nil {
		panic(fmt.Sprintf("libh3lptest: user %d is not assigned to queue %d", userID, queueID))
	}
	return l
}

// User returns a user of any account as it is stored: the fields of a user with
// the password in clear, id as int64, email as string or nil, and fields that the
// client does not know, as encoding/json decodes them, with numbers as json.Number.
// The map is the caller's.
func (s *Server) User(id int64) (user map[string]any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stored(s.users, s.users.At(id))
}

// UserByName returns a user of any account as it is stored; see [Server.User].
func (s *Server) UserByName(name string) (user map[string]any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stored(s.users, s.users.named(name))
}

// Users returns the users of the account [AccountID] as they are stored, the
// oldest first, the administrator included; see [Server.User].
func (s *Server) Users() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.allStored(s.users)
}

// Queue returns a queue of any account as it is stored: the fields of a queue,
// transcripts as bool; see [Server.User].
func (s *Server) Queue(id int64) (queue map[string]any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stored(s.queues, s.queues.At(id))
}

// QueueByName returns a queue of any account as it is stored; see [Server.Queue].
func (s *Server) QueueByName(name string) (queue map[string]any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stored(s.queues, s.queues.named(name))
}

// Queues returns the queues of the account [AccountID] as they are stored, the
// oldest first; see [Server.Queue].
func (s *Server) Queues() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.allStored(s.queues)
}

func (s *Server) allStored(k *catalog) (out []map[string]any) {
	for _, e := range k.All() {
		if e.account == AccountID {
			o, _ := s.stored(k, e)
			out = append(out, o)
		}
	}
	return out
}

func (s *Server) stored(k *catalog, e *entry) (object, bool) {
	if e == nil {
		return nil, false
	}

	o := maps.Clone(s.view(k, e))
	o["id"] = e.id
	if k == s.users {
		o["password"] = e.password
	} else {
		o["transcripts"] = e.transcripts
	}
	if e.parent != 0 {
		o["parent_id"] = e.parent
	}
	return o, true
}

// Link is a user's assignment to a queue.
type Link struct {
	UserID, QueueID int64
	Enabled         bool
}

// Links returns the links of a user, of any account, in the order in which they
// were made.
func (s *Server) Links(userID int64) []Link {
	s.mu.Lock()
	defer s.mu.Unlock()
	return links(s.must(s.users, userID))
}

// Operators returns the links of a queue, of any account, in the order in which
// they were made.
func (s *Server) Operators(queueID int64) []Link {
	s.mu.Lock()
	defer s.mu.Unlock()
	return links(s.must(s.queues, queueID))
}

func links(e *entry) (out []Link) {
	for _, l := range e.links {
		out = append(out, Link{UserID: l.user.id, QueueID: l.queue.id, Enabled: l.enabled})
	}
	return slices.Clip(out)
}
