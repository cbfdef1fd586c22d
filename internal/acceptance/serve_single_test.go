package acceptance

import (
	"bytes"
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

// newShop returns a site with a handler for each way in which one can end.
func newShop(t *testing.T, opts wsx.Options) *site {
	s := newSite(t, opts, false)
	for name, handler := range map[string]wsx.Handler{
		"echo": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.Reply(wsx.Text(string(r.Data))), nil
		},
		"ack": func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil },
		"go": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.Redirect("/orders/7?new#top"), nil
		},
		"near": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) { return r.Redirect("next?x=1"), nil },
		"astray": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.Redirect("//evil.example"), nil
		},
		"sorry":    func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, wsx.UserErrorf("sold <out>") },
		"fail":     func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, errors.New("secret") },
		"panic":    func(context.Context, *wsx.Request) (*wsx.Response, error) { panic("secret") },
		"number":   wsx.Typed(func(context.Context, *wsx.Request, struct{ N int }) (*wsx.Response, error) { return nil, nil }),
		"for user": wsx.RequireUser(func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil }),
	} {
		s.hub.On(name, handler)
	}
	return s
}

func TestSingleRequest(t *testing.T) {
	t.Parallel()
	s := newShop(t, wsx.Options{MaxMessage: 1 << 10})
	for what, one := range map[string]struct {
		body   string
		status int
		want   string
	}{
		"an update":          {`{"id":"1","handler":"echo","target":"#a","data":[1],"swap":"outerMorph"}`, 200, `{"id":"1","target":"#a","html":"[1]","swap":"outerMorph"}`},
		"an acknowledgment":  {`{"id":"1","handler":"ack"}`, 200, `{"type":"ack","id":"1"}`},
		"a redirection":      {`{"id":"1","handler":"go"}`, 200, `{"id":"1","target":"html","html":"","swap":"action","args":["redirect","/orders/7?new#top"]}`},
		"a UserError":        {`{"id":"1","handler":"sorry"}`, 200, `{"type":"error","id":"1","code":"user","html":"sold &lt;out&gt;"}`},
		"an error":           {`{"id":"1","handler":"fail"}`, 200, `{"type":"error","id":"1","code":"internal"}`},
		"a panic":            {`{"id":"1","handler":"panic"}`, 200, `{"type":"error","id":"1","code":"internal"}`},
		"data that no fits":  {`{"id":"1","handler":"number","data":{"N":"x"}}`, 200, `{"type":"error","id":"1","code":"invalid"}`},
		"no such handler":    {`{"id":"1","handler":"missing"}`, 200, `{"type":"error","id":"1","code":"unknown"}`},
		"middleware refuses": {`{"id":"1","handler":"for user"}`, 200, `{"type":"error","id":"1","code":"denied"}`},
		"no target":          {`{"id":"1","handler":"echo"}`, 200, `{"type":"error","id":"1","code":"bad_request"}`},
		"no request":         {`{"id":"1"}`, 200, `{"type":"error","id":"1","code":"bad_request"}`},
		"a control frame":    {`{"type":"hello","v":1}`, 400, "Bad Request\n"},
		"no text":            {"{\"id\":\"\xff\"}", 400, "Bad Request\n"},
		"too much":           {strings.Repeat(" ", 1<<10) + `{"id":"1","handler":"ack"}`, 413, "Request Entity Too Large\n"},
	} {
		got := s.do(t, http.MethodPost, one.body, asJSON)
		assert.Equal(t, one.status, got.status, what)
		assert.Equal(t, one.want, got.body, what)
		if one.status == 200 {
			assert.Equal(t, "application/json", got.header.Get("Content-Type"), what)
			assert.Equal(t, "no-store", got.header.Get("Cache-Control"), what)
		}
	}
	assert.Equal(t, http.StatusUnsupportedMediaType, s.do(t, http.MethodPost, `{}`, header("Content-Type", "text/plain")).status)
	assert.Equal(t, http.StatusUnsupportedMediaType, s.do(t, http.MethodPost, `{}`).status)
}

func TestConnectionOfASingleRequest(t *testing.T) {
	t.Parallel()
	key := wsx.NewKey[int]("n")
	s := newSite(t, wsx.Options{MaxConnections: 2, Authenticate: func(*http.Request) (wsx.Identity, error) {
		return wsx.Identity{User: "alice", Rooms: []string{"tea"}, Tags: map[string]string{"role": "cook"}}, nil
	}}, false)
	beside := s.stream(t)
	s.hub.OnConnect(func(_ context.Context, c *wsx.Connection) error {
		assert.Equal(t, beside.Conn, c.ID(), "a hook heard of a single request")
		return nil
	})
	var kept *wsx.Connection
	s.hub.On("look", func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) {
		kept = r.Conn
		assert.Equal(t, "alice", r.Conn.User())
		assert.Equal(t, "cook", r.Conn.Tag("role"))
		assert.Equal(t, "127.0.0.1", r.Conn.RemoteAddr())
		assert.Empty(t, r.Conn.Rooms())
		assert.ErrorIs(t, r.Conn.Send("#a", "x", wsx.Inner), wsx.ErrNotConnected)
		assert.ErrorIs(t, r.Conn.Join(ctx, "cake"), wsx.ErrNotConnected)
		_, found := s.hub.GetConnection(r.Conn.ID())
		assert.False(t, found)
		assert.Equal(t, 1, s.hub.Count(wsx.User("alice")), "it is not counted")
		assert.NoError(t, r.Conn.Context().Err())
		key.Set(r.Conn, 7)
		n, ok := key.Get(r.Conn)
		assert.True(t, ok && n == 7)
		_, timed := ctx.Deadline()
		assert.True(t, timed)
		r.Conn.Close(nil)
		r.Conn.SetUser("bob")
		return nil, nil
	})
	assert.Equal(t, `{"type":"ack","id":"1"}`, s.do(t, http.MethodPost, `{"id":"1","handler":"look"}`, asJSON).body)
	assert.Equal(t, 1, s.hub.Count())
	<-kept.Context().Done() // it ends with the request
	waitUntil(t, "what was kept with it is forgotten", func() bool {
		_, found := key.Get(kept)
		return !found
	})
}

func TestSingleRequestThatTakesTooLong(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{HandlerTimeout: 50 * time.Millisecond}, false)
	heard := make(chan error, 1)
	s.hub.OnError(func(_ *wsx.Connection, _ string, err error) { heard <- err })
	free := make(chan struct{})
	s.hub.On("slow", func(ctx context.Context, _ *wsx.Request) (*wsx.Response, error) {
		<-ctx.Done()
		<-free
		return nil, nil
	})
	got := s.do(t, http.MethodPost, `{"id":"1","handler":"slow"}`, asJSON)
	assert.Equal(t, `{"type":"error","id":"1","code":"timeout"}`, got.body, "while the handler still runs")
	assert.Error(t, <-heard)
	shutdown := make(chan error)
	go func() { shutdown <- s.hub.Shutdown(context.Background()) }()
	waitUntil(t, "the hub is shutting down", func() bool {
		return s.do(t, http.MethodPost, `{}`, asJSON).status == http.StatusServiceUnavailable
	})
	select {
	case <-shutdown:
		t.Error("Shutdown did not wait for the handler")
	default:
	}
	close(free)
	assert.NoError(t, <-shutdown)
}

var asForm = header("Content-Type", "application/x-www-form-urlencoded")

func TestForm(t *testing.T) {
	t.Parallel()
	s := newShop(t, wsx.Options{})
	s.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for what, one := range map[string]struct {
		body, referer    string
		status           int
		location, inPage string
	}{
		"back to the page":              {body: "handler=ack", referer: s.URL + "/shop/cart?x=1", status: 303, location: s.URL + "/shop/cart?x=1"},
		"a reply that it cannot show":   {body: "handler=echo", referer: s.URL + "/shop", status: 303, location: s.URL + "/shop"},
		"no page to go back to":         {body: "handler=ack", status: 303, location: "/"},
		"a page of somebody else":       {body: "handler=ack", referer: "https://evil.example/", status: 303, location: "/"},
		"no page at all":                {body: "handler=ack", referer: "javascript:alert(1)", status: 303, location: "/"},
		"a page with credentials":       {body: "handler=ack", referer: strings.Replace(s.URL, "://", "://a:b@", 1), status: 303, location: "/"},
		"elsewhere":                     {body: "handler=go", referer: s.URL + "/shop/cart", status: 303, location: s.URL + "/orders/7?new#top"},
		"elsewhere, from no page":       {body: "handler=go", status: 303, location: "/orders/7?new#top"},
		"relative to the page":          {body: "handler=near", referer: s.URL + "/shop/cart", status: 303, location: s.URL + "/shop/next?x=1"},
		"to another origin":             {body: "handler=astray", status: 500, inPage: "Something went wrong"},
		"a UserError":                   {body: "handler=sorry", referer: s.URL + "/shop?a&b", status: 422, inPage: `<p>sold &lt;out&gt;</p>`},
		"the way back from an error":    {body: "handler=sorry", referer: s.URL + "/shop?a&b", status: 422, inPage: `href="` + s.URL + `/shop?a&amp;b"`},
		"an error":                      {body: "handler=fail", status: 500, inPage: "Something went wrong"},
		"a panic":                       {body: "handler=panic", status: 500, inPage: "Something went wrong"},
		"data that does not fit":        {body: "handler=number&N=x", status: 422, inPage: "Something went wrong"},
		"data that does":                {body: "handler=number&N=7", status: 303, location: "/"},
		"no such handler":               {body: "handler=missing", status: 404, inPage: "Something went wrong"},
		"a user who must log in":        {body: "handler=for+user", status: 403, inPage: "Something went wrong"},
		"no handler":                    {body: "a=b", status: 400, inPage: "Bad Request"},
		"a handler of a name too long":  {body: "handler=" + strings.Repeat("x", 256), status: 400, inPage: "Bad Request"},
		"something that cannot be read": {body: "handler=%zz", status: 400, inPage: "Bad Request"},
		"too much":                      {body: "handler=ack&x=" + strings.Repeat("x", 64<<10), status: 413, inPage: "Too Large"},
	} {
		got := s.do(t, http.MethodPost, one.body, asForm, header("Referer", one.referer))
		assert.Equal(t, one.status, got.status, what)
		assert.Equal(t, one.location, got.header.Get("Location"), what)
		assert.Contains(t, got.body, one.inPage, what)
		assert.NotContains(t, got.body, "secret", what)
	}
}

func TestFormFields(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{}, false)
	s.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	var data string
	s.hub.On("take", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
		data = string(r.Data)
		assert.Equal(t, "submit", r.Trigger)
		return nil, nil
	})
	got := s.do(t, http.MethodPost, "handler=take&tag=a&text=1+%3C+%22%C3%BC%22&tag=b&handler=other&none=", asForm, func(r *http.Request) {
		r.URL.RawQuery = "text=from+the+address"
	})
	assert.Equal(t, http.StatusSeeOther, got.status)
	assert.Equal(t, `{"none":"","tag":["a","b"],"text":"1 < \"ü\""}`, data)

	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	require.NoError(t, form.WriteField("handler", "take"))
	require.NoError(t, form.WriteField("text", "hi"))
	file, err := form.CreateFormFile("photo", "cat.png")
	require.NoError(t, err)
	_, err = file.Write([]byte("pixels"))
	require.NoError(t, err)
	require.NoError(t, form.Close())
	got = s.do(t, http.MethodPost, body.String(), header("Content-Type", form.FormDataContentType()))
	assert.Equal(t, http.StatusSeeOther, got.status)
	assert.Equal(t, `{"photo":"cat.png","text":"hi"}`, data)
}

func TestFormWithoutAHandlerOfItsName(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{}, false)
	s.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.hub.On("", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
		return r.Redirect("/" + r.Handler), nil
	})
	assert.Equal(t, "/whatever", s.do(t, http.MethodPost, "handler=whatever", asForm).header.Get("Location"))
}

func TestSingleRequestsTakeAPlaceWhileTheyAreUnderWay(t *testing.T) {
	for what, one := range map[string]struct {
		opts wsx.Options
		want int
	}{
		"of all":         {wsx.Options{MaxConnections: 1}, unavailable},
		"of the user":    {wsx.Options{MaxPerUser: 1}, tooMany},
		"of the address": {wsx.Options{MaxPerAddr: 1}, tooMany},
	} {
		inBubble(t, what, func(t *testing.T) {
			one.opts.Authenticate = asUser
			b := offline{wsx.New(&one.opts)}
			free := make(chan struct{})
			b.hub.On("hold", func(context.Context, *wsx.Request) (*wsx.Response, error) { <-free; return nil, nil })
			ask := func() int {
				return b.do(t, http.MethodPost, `{"id":"1","handler":"hold"}`, asJSON, as("alice")).Code
			}
			first := make(chan int)
			go func() { first <- ask() }()
			synctest.Wait()
			assert.Equal(t, one.want, ask())
			close(free)
			assert.Equal(t, http.StatusOK, <-first)
			assert.Equal(t, http.StatusOK, ask(), "there is room again")
		})
	}
}

func TestFormThatIsOdd(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{}, false)
	s.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	var data string
	s.hub.On("take", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
		data = string(r.Data)
		return nil, nil
	})
	assert.Equal(t, http.StatusSeeOther, s.do(t, http.MethodPost, "handler=take&%ff=2&%fe=1", asForm).status)
	assert.Equal(t, "{\"\ufffd\":[\"1\",\"2\"]}", data, "names that are no text become one")
	for _, query := range []string{"x=%zz", "a=1;b=2"} {
		got := s.do(t, http.MethodPost, "handler=take&a=b", asForm, func(r *http.Request) { r.URL.RawQuery = query })
		assert.Equal(t, http.StatusSeeOther, got.status, "the form is in the body: %s", query)
		assert.Equal(t, `{"a":"b"}`, data)
	}
}

func TestSingleRequestsOfAnAddressAreLimited(t *testing.T) {
	inBubble(t, "by Inbound", func(t *testing.T) {
		opts := proxied()
		opts.Inbound = wsx.Limit{PerSecond: 1, Burst: 2}
		b := offline{wsx.New(&opts)}
		b.hub.On("ack", func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil })
		ask := func(addr string) int {
			return b.do(t, http.MethodPost, `{"id":"1","handler":"ack"}`, asJSON, from(addr), func(r *http.Request) { r.RemoteAddr = "127.0.0.1:1" }).Code
		}
		var got []int
		for range 3 {
			got = append(got, ask("198.51.100.1"))
		}
		assert.Equal(t, []int{200, 200, tooMany}, got)
		assert.Equal(t, http.StatusOK, ask("198.51.100.2"), "others are not meant")
		time.Sleep(time.Second)
		assert.Equal(t, http.StatusOK, ask("198.51.100.1"))
		assert.Equal(t, tooMany, ask("198.51.100.1"))
	})
}
