package contender

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"

	"github.com/centrifugal/centrifuge"
)

// AllChannel is the centrifuge channel that all connections subscribe to. The others are rooms; see Channel.
const AllChannel = "everyone"

// Channel returns the centrifuge channel for a room.
func Channel(room int) string { return roomName(room) }

type centrifugeServer struct {
	node    *centrifuge.Node
	handler http.Handler
}

// newCentrifuge allows all subscriptions. The client makes them, one per room and one for all.
func newCentrifuge(int) Contender {
	node, err := centrifuge.New(centrifuge.Config{})
	if err != nil {
		panic(err)
	}
	node.OnConnect(func(client *centrifuge.Client) {
		client.OnSubscribe(func(_ centrifuge.SubscribeEvent, done centrifuge.SubscribeCallback) {
			done(centrifuge.SubscribeReply{}, nil)
		})
	})
	if err := node.Run(); err != nil {
		panic(err)
	}
	return &centrifugeServer{node, centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{
		PingPongConfig: centrifuge.PingPongConfig{PingInterval: -1},
	})}
}

func (s *centrifugeServer) Serve(ln net.Listener) error {
	return serveHTTP(ln, func(w http.ResponseWriter, r *http.Request) {
		s.handler.ServeHTTP(w, r.WithContext(centrifuge.SetCredentials(r.Context(), &centrifuge.Credentials{})))
	})
}

func (s *centrifugeServer) Connections() int { return s.node.Hub().NumClients() }

func (s *centrifugeServer) Broadcast(html string) { s.publish(AllChannel, html) }

func (s *centrifugeServer) BroadcastRoom(room int, html string) { s.publish(Channel(room), html) }

// publish sends html as a JSON string without escaping "<", like wsx.
func (s *centrifugeServer) publish(channel, html string) {
	var data bytes.Buffer
	encoder := json.NewEncoder(&data)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(html); err != nil {
		panic(err)
	}
	if _, err := s.node.Publish(channel, bytes.TrimSpace(data.Bytes())); err != nil {
		panic(err)
	}
}
