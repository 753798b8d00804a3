package libh3lptest

// seedSample stores the sample account.
func (s *Server) seedSample() {
	queue := func(fields string) *entry { return s.seed(s.queues, AccountID, seedObject(fields)) }
	reference := queue(`{"name":"ref-main","transcripts":true,"email":"reference@library.example"}`)
	law := queue(`{"name":"law-desk"}`)
	music := queue(`{"name":"music-desk","avatar":"https://library.example/music.png"}`)
	tech := queue(`{"name":"tech-help","transcripts":true}`)
	night := queue(`{"name":"after-hours"}`)

	type queues []*entry
	user := func(fields string, enabled, suspended queues) *entry {
		e := s.seed(s.users, AccountID, seedObject(fields))
		for _, q := range enabled {
			connect(e, q, true)
		}
		for _, q := range suspended {
			connect(e, q, false)
		}
		return e
	}

	user(`{"name":"desk-anna","show":"dnd","status":"in a meeting"}`, queues{reference}, queues{law})
	user(`{"name":"desk-bo","email":"bo@library.example"}`, queues{reference}, nil)
	user(`{"name":"desk-cy","email":"cy@library.example","show":"chat","status":"ask me anything"}`, queues{reference, tech}, nil)
	user(`{"name":"carla.mendes","email":"carla.mendes@library.example","show":"available"}`, queues{law, reference}, queues{night})
	user(`{"name":"dylan.frost","email":"dylan.frost@library.example","show":"away","status":"lunch"}`, queues{law, tech}, nil)
	// Available, and yet the queue is not: blocked.
	user(`{"name":"elif.demir","email":"elif.demir@library.example","show":"available"}`, nil, queues{music, night})
	user(`{"name":"grace.adeyemi","email":"grace.adeyemi@library.example","show":"xa","status":"back on Monday"}`, queues{reference}, nil)
	user(`{"name":"hugo.marchand","email":"hugo.marchand@library.example"}`, queues{tech}, queues{reference, law, music})

	two := user(`{"name":"ines.aldana","email":"ines.aldana@library.example"}`, queues{reference, law, tech}, queues{music, night})
	two.resources = []Resource{
		{Name: "libraryh3lp", Priority: 5, Show: DND, Status: "with a patron"},
		{Name: "phone", Priority: 1, Show: Available},
	}
	// Assigned to no queue: there is nothing to block.
	user(`{"name":"owen.hartley","email":"owen.hartley@library.example","show":"available"}`, nil, nil)
	user(`{"name":"night-student","show":"available"}`, queues{tech}, nil)
	user(`{"name":"answer-bot"}`, queues{night}, nil)
}
