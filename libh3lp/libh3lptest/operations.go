package libh3lptest

import "strings"

// Operations names everything that the simulator serves, in the order of the package
// comment. The names are those that the client's errors and events bear. A fault, or a
// question about requests, that names another operation panics.
func Operations() []string {
	return []string{
		"Login", "Verify",
		"Users.List", "Users.Get", "Users.Create", "Users.Update", "Users.Delete",
		"Queues.List", "Queues.Get", "Queues.Create", "Queues.Update", "Queues.Delete",
		"Assignments.List", "Assignments.Create", "Assignments.Update", "Assignments.Delete",
		"Operators.List", "Operators.Create", "Operators.Update", "Operators.Delete",
		"Presence.User", "Presence.Queue", "Presence.UserResources", "Presence.QueueResources", "Presence.Image", "Presence.Script",
		"LoginPage",
	}
}

// title is a part of a path as operations name it.
func title(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// operation names what is asked of the presence service.
func (j jid) operation() string {
	whose := "User"
	if j.domain == QueueDomain {
		whose = "Queue"
	}

	switch j.format {
	case "xml":
		return "Presence." + whose + "Resources"
	case "image", "icon":
		return "Presence.Image"
	case "js":
		return "Presence.Script"
	}
	return "Presence." + whose
}
