package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// visitor is an HTTP client with cookies.
type visitor struct {
	t      *testing.T
	url    string
	client *http.Client
}

// open starts a chat with an empty database.
func open(t *testing.T) (*chat, string) {
	t.Helper()
	store, err := openStore(":memory:")
	require.NoError(t, err)
	t.Cleanup(func() { store.Close() })
	chat := newChat(store, &sessions{key: []byte("a key for tests")})
	server := httptest.NewServer(chat.routes())
	t.Cleanup(server.Close)
	t.Cleanup(func() { chat.hub.Shutdown(context.Background()) })
	return chat, server.URL
}

func visit(t *testing.T, url string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &visitor{t, url, &http.Client{Jar: jar}}
}

func (v *visitor) get(path string) (int, string) {
	v.t.Helper()
	return v.read(v.client.Get(v.url + path))
}

func (v *visitor) post(path string, form url.Values) (int, string) {
	v.t.Helper()
	return v.read(v.client.PostForm(v.url+path, form))
}

func (v *visitor) read(resp *http.Response, err error) (int, string) {
	v.t.Helper()
	require.NoError(v.t, err)
	defer resp.Body.Close()
	var body strings.Builder
	require.NoError(v.t, resp.Write(&body))
	return resp.StatusCode, body.String()
}

func (v *visitor) login(name string) {
	v.t.Helper()
	status, _ := v.post("/login", url.Values{"name": {name}})
	require.Equal(v.t, http.StatusOK, status, "after the redirect to the room")
}

// dial connects like the page of a room and returns the HTTP status, 101 on success.
func (v *visitor) dial(query string) (*socket, int) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	v.t.Cleanup(cancel)
	conn, resp, err := websocket.Dial(ctx, v.url+"/ws"+query, &websocket.DialOptions{HTTPClient: v.client})
	if err != nil {
		require.NotNil(v.t, resp, "%v", err)
		return nil, resp.StatusCode
	}
	v.t.Cleanup(func() { conn.CloseNow() })
	return &socket{v.t, ctx, conn}, resp.StatusCode
}

// show opens the page of a room and connects like it. It returns when messages are being delivered.
func (v *visitor) show(room string) *socket {
	v.t.Helper()
	ticket := v.ticket(room)
	s, status := v.dial("?room=" + room)
	require.Equal(v.t, http.StatusSwitchingProtocols, status)
	s.join(ticket, map[string]string{})
	return s
}

var inPage = regexp.MustCompile(`wx-ticket="([\w-]+)"`)

func (v *visitor) ticket(room string) string {
	v.t.Helper()
	_, page := v.get("/rooms/" + room)
	found := inPage.FindStringSubmatch(page)
	require.NotNil(v.t, found, "no ticket in %s", page)
	return found[1]
}

type socket struct {
	t    *testing.T
	ctx  context.Context
	conn *websocket.Conn
}

type frame struct{ Type, Target, HTML, Swap, Room, Pos string }

// join joins a room. seen is the position up to which the page has its messages.
func (s *socket) join(ticket string, seen map[string]string) frame {
	s.t.Helper()
	s.write(map[string]any{"type": "hello", "v": 1, "page": "a page"})
	s.write(map[string]any{"type": "join", "gen": 1, "tickets": []string{ticket}, "pos": seen})
	return s.until(func(f frame) bool { return f.Type == "joined" || f.Type == "reset" })
}

func (s *socket) send(handler string, data any) {
	s.t.Helper()
	s.write(map[string]any{"id": "req_1", "handler": handler, "target": "#problem", "data": data})
}

func (s *socket) write(v any) {
	s.t.Helper()
	frame, err := json.Marshal(v)
	require.NoError(s.t, err)
	require.NoError(s.t, s.conn.Write(s.ctx, websocket.MessageText, frame))
}

// next returns the next frame for target.
func (s *socket) next(target string) frame {
	s.t.Helper()
	return s.until(func(f frame) bool { return f.Target == target })
}

func (s *socket) until(wanted func(frame) bool) frame {
	s.t.Helper()
	for {
		_, data, err := s.conn.Read(s.ctx)
		require.NoError(s.t, err)
		var f frame
		require.NoError(s.t, json.Unmarshal(data, &f), "%s", data)
		if wanted(f) {
			return f
		}
	}
}

func TestLogin(t *testing.T) {
	_, url := open(t)

	t.Run("a room asks for a name first", func(t *testing.T) {
		_, page := visit(t, url).get("/rooms/music")
		assert.Contains(t, page, "What is your name?")
		assert.Contains(t, page, `name="room" value="music"`)
	})
	t.Run("the name is shown escaped, and logging out forgets it", func(t *testing.T) {
		v := visit(t, url)
		v.login("<b>Ann</b>")
		_, page := v.get("/rooms/general")
		assert.Contains(t, page, "&lt;b&gt;Ann&lt;/b&gt;")
		assert.NotContains(t, page, "<b>Ann")
		v.post("/logout", nil)
		_, page = v.get("/rooms/general")
		assert.Contains(t, page, "What is your name?")
	})
	for name, bad := range map[string]string{"empty": " \t", "too long": strings.Repeat("ä", maxName+1), "unprintable": "a\x00b"} {
		t.Run("refuses a name that is "+name, func(t *testing.T) {
			status, page := visit(t, url).post("/login", map[string][]string{"name": {bad}})
			assert.Equal(t, http.StatusUnprocessableEntity, status)
			assert.Contains(t, page, "Please")
		})
	}
	t.Run("another site cannot log a user in", func(t *testing.T) {
		r := httptest.NewRequest("POST", url+"/login", strings.NewReader("name=Eve"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.RequestURI = ""
		status, _ := visit(t, url).read(http.DefaultClient.Do(r))
		assert.Equal(t, http.StatusForbidden, status)
	})
}

func TestCookie(t *testing.T) {
	s := &sessions{key: []byte("right")}
	issue := func(s *sessions, r *http.Request) *http.Cookie {
		w := httptest.NewRecorder()
		s.login(w, r, "Ann")
		return w.Result().Cookies()[0]
	}
	plain := httptest.NewRequest("GET", "http://chat.test/", nil)
	good := issue(s, plain)
	ask := func(value string) (string, error) {
		r := httptest.NewRequest("GET", "/", nil)
		r.AddCookie(&http.Cookie{Name: cookieName, Value: value})
		name, _, err := s.user(r)
		return name, err
	}

	name, err := ask(good.Value)
	require.NoError(t, err)
	assert.Equal(t, "Ann", name)
	assert.True(t, good.HttpOnly)
	assert.Equal(t, http.SameSiteLaxMode, good.SameSite)
	assert.False(t, good.Secure)
	assert.True(t, issue(s, httptest.NewRequest("GET", "https://chat.test/", nil)).Secure)
	assert.True(t, issue(&sessions{key: s.key, secure: true}, plain).Secure)

	parts := strings.Split(good.Value, ".")
	expired := parts[0] + ".1700000000"
	for name, value := range map[string]string{
		"empty":              "",
		"no signature":       parts[0] + "." + parts[1],
		"another name":       encode([]byte("Eve")) + "." + parts[1] + "." + parts[2],
		"a later expiry":     parts[0] + ".99999999999." + parts[2],
		"another key":        issue(&sessions{key: []byte("wrong")}, plain).Value,
		"cut signature":      good.Value[:len(good.Value)-2],
		"padded signature":   good.Value + "=",
		"expired but signed": expired + "." + encode(s.sign(expired)),
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			_, err := ask(value)
			assert.ErrorIs(t, err, errNotLoggedIn)
		})
	}
}
