// Package wsx pushes HTML fragments from a server to browsers. A handler, a ticker, a queue consumer says "append this <li>
// to #messages for everybody in room 42", and every browser in the room shows it, in order, without a reload and without
// application JavaScript.
//
// # Hub
//
// A [Hub] holds the connections of a process. It is an [http.Handler]; mount it beside the browser script:
//
//	hub := wsx.New(nil)
//	http.Handle("/live", hub)
//	http.Handle("GET /wsx.js", wsx.Script())
//
// A page that loads the script and says where the hub is, is live: <body wx-config='{"url":"/live"}'>.
//
// # Handlers
//
// What an element with wx-send="say" sends, the handler named "say" gets: [Hub.On], and [Typed] for data with a type. It
// answers the one browser with a [Response], acknowledges with nil, or returns an error; of errors, only a [UserError]'s text
// leaves the server.
//
// # Sending
//
// [Hub.Broadcast] sends a fragment to all whom its filters select, [Hub.Publish] several in one frame, [Connection.Send] to one
// browser. None of them waits for a browser: what is sent is queued, up to a bound, and a browser that does not keep up is
// closed and comes back. A fragment is encoded once, however many receive it.
//
// # Filters
//
// [Room] and [User] are indexes, so a room of ten costs as much among a million connections as among ten. [Tag], [Near], [Except],
// [Not], [Any] and [Where] combine with them freely. What names nothing matches nobody.
//
// # HTML
//
// Whatever is shown is a [html/template.HTML], so a string that a user typed does not compile as one. [Text] escapes, [HTMLf] is
// Sprintf that escapes, [Execute] runs html/template and [Render] takes a templ component.
//
// # Who may connect
//
// Only pages of the same origin, unless Options.Origins names others. Options.Authenticate says who it is, from the cookies of
// the request. [Hub.OnConnect] and [Hub.OnDisconnect] come in pairs, and neither they nor any other code of the program is ever
// called with a lock held, so they may call everything.
//
// # Ending
//
// [Hub.Shutdown] sends every browser away in a manner that makes it come back to whoever is next. Call it before
// [http.Server.Shutdown].
package wsx
