// Package wsx pushes HTML fragments from a server to browsers. A handler, a ticker or a queue
// consumer appends an <li> to #messages for everyone in room 42. Every browser in that room shows
// it, in order, without a reload and without application JavaScript.
//
// The sections below follow the order in which a program needs them. All code is from tested
// examples.
//
// # Hub and script
//
// A [Hub] holds the connections of a process. It is an [http.Handler]. [Script] serves the browser
// client:
//
//	hub := wsx.New(nil)
//	mux := http.NewServeMux()
//	mux.Handle("/live", hub)
//	mux.Handle("GET /wsx.js", wsx.Script())
//
// A page loads the script and names the hub:
//
//	<script src="/wsx.js" defer></script>
//	<body wx-config='{"url": "/live"}'>
//
// # Broadcasting
//
// [Hub.Broadcast] sends one fragment: where it goes, the HTML, and how it is inserted.
//
//	err := hub.Broadcast("#messages", wsx.HTMLf("<li>%s</li>", "1 < 2"), wsx.Append)
//
// [Connection.Send] and [Hub.SendToConnection] send to one browser, and [Hub.Publish] sends several
// fragments in one frame. None of them waits for a browser. Each connection has a bounded queue, and
// a browser that can't keep up is disconnected and reconnects.
//
// # HTML
//
// Fragments are [html/template.HTML], so a string from a user doesn't compile as one. [HTMLf] is
// Sprintf with escaping, [Text] escapes one string, [Execute] runs html/template, and [Render] takes
// a templ component.
//
//	html, err := wsx.Execute(page, "message", map[string]string{"From": "Ann", "Text": "1 < 2"})
//
// # Handlers
//
// An element with wx-send="book" calls the handler of that name, registered with [Hub.On]. [Typed]
// decodes the form. A handler returns a [Response] for the browser that asked, nil to acknowledge, or
// an error. The visitor sees the text of a [UserError]; any other error is only logged.
//
//	hub.On("book", wsx.Typed(func(_ context.Context, r *wsx.Request, in struct{ Seats int }) (*wsx.Response, error) {
//		if in.Seats > 8 {
//			return nil, wsx.UserErrorf("We have tables for 8, not for %d.", in.Seats)
//		}
//		return r.ReplyTo("#status", "Booked.", wsx.Inner), nil
//	}))
//
// The requests of one connection run one at a time, in order. [Hub.Use] adds middleware, and a [Key]
// keeps typed values with a connection.
//
// # Verbs
//
// Package [github.com/wsxgo/wsx/dom] makes fragments that do what HTML can't: set the title, move the
// focus, fire an event. Whatever takes a fragment takes a verb.
//
//	return r.ReplyTo("#status", "Saved.", wsx.Inner).With(dom.SetTitle("Saved"), dom.Focus("#next")), nil
//
// # Who may connect
//
// Only pages of the same origin may connect, unless Options.Origins allows others.
// Options.Authenticate identifies the visitor, usually by a cookie:
//
//	session, err := r.Cookie("session") // look it up, in a real program
//	if err != nil {
//		return wsx.Identity{}, err
//	}
//	return wsx.Identity{User: session.Value, Tags: map[string]string{"role": "editor"}}, nil
//
// [Hub.OnConnect] and [Hub.OnDisconnect] are called in pairs. No code of the program is ever called
// with a lock held, so hooks and handlers may call every method.
//
// # Rooms and filters
//
// A connection joins rooms with [Connection.Join]. Filters select the connections that a broadcast
// reaches, and all of them must match. [Room] and [User] are indexed, so a small room costs little
// however many connections exist. A filter that names nothing matches no connection.
//
//	err := hub.Broadcast("#typing", "Ann is typing", wsx.Inner,
//		wsx.Room("tea"), wsx.Except(ann.Conn()), wsx.Not(wsx.Tag("muted")))
//
// # History and tickets
//
// Between the rendering of a page and its connection, broadcasts would be lost. A room with history
// closes this gap, and the gaps of reconnects. [Hub.ConfigureRooms] says which rooms keep history.
// Take a [Hub.Ticket] before you read the data of the page:
//
//	hub.ConfigureRooms("chat/*", wsx.RoomOptions{History: 200})
//
//	// Render the page: the ticket first, then the data.
//	ticket, err := hub.Ticket(context.Background(), "ann", "chat/tea")
//
// Put the ticket on the element that shows the room, as wx-ticket, and give the element an id.
// Every later fragment then arrives exactly once and in order. If that can't be guaranteed, the
// browser refetches the element.
//
// # Presence
//
// RoomOptions.OnPresence is called when users enter or leave a room. It returns what the members
// see. A reload isn't reported: a user who comes back within 5 seconds has not left.
//
//	OnPresence: func(_ context.Context, room string, p wsx.PresenceDiff) []wsx.Fragment {
//		return []wsx.Fragment{{Target: "#online", HTML: wsx.HTMLf("%d online", len(p.Members))}}
//	},
//
// # Batches
//
// [Hub.Flush] sends a [Batch]: each connection receives one frame with everything that is meant for
// it. A [Batcher] makes such batches over time.
//
//	var b wsx.Batch
//	b.Add("#score", "1:0", wsx.Inner)
//	b.Add("#mine", "Your player has scored!", wsx.Inner, wsx.User("ann"))
//	b.Add("#events", "<li>Goal by Dede</li>", wsx.Prepend)
//	err := hub.Flush(&b)
//
// # Rates
//
// A [RateLimiter] passes on a fixed number of broadcasts per second. Its [Overflow] decides what
// happens to the rest. A Message.Key promises that the newest message is enough, so that a slow
// browser skips the older ones. Options.Inbound limits what browsers send.
//
//	slow := wsx.NewRateLimiter(hub, wsx.RateLimiterOptions{PerSecond: 1, Overflow: wsx.Conflate})
//
// # Transports
//
// The hub serves WebSockets, server-sent events and long polls at one URL. The script tries them in
// this order. Handlers, rooms and limits are the same for all. A form that is sent without JavaScript
// reaches its handler too, and is redirected back to its page; see [Hub.ServeHTTP].
//
// # Testing
//
// A handler is a function, so a test can call it. Package [github.com/wsxgo/wsx/wsxtest] connects
// browsers in memory:
//
//	ann, bob := wsxtest.Open(t, hub, nil), wsxtest.Open(t, hub, nil)
//
//	fmt.Println("reply:", ann.Ask("say", map[string]string{"text": "1 < 2"})[0].HTML)
//	fmt.Println("bob sees:", bob.Next().HTML)
//
// # Shutdown
//
// [Hub.Shutdown] asks every browser to reconnect, so that it reaches the next instance. Call it
// before [http.Server.Shutdown], which ignores upgraded connections and waits for all others.
//
//	err := errors.Join(hub.Shutdown(ctx), server.Shutdown(ctx))
package wsx
