package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// The map shows Doggerland, a part of the North Sea that was land 8,000 years ago. Points are in the units of the drawing,
// relative to its top left corner. The area is small enough to treat it as flat.
const (
	width, height = 1000, 720 // of the map
	unitsPerKM    = 25
	north, west   = 55.1, 2.2   // degrees of the corner
	kmPerDegree   = 111.1950802 // of latitude
	radius        = 10          // km that count as nearby
)

type point struct{ X, Y float64 }

// location returns the point's latitude and longitude in degrees, as SetLocation and Near take them.
func (p point) location() (lat, lng float64) {
	lat = north - p.Y/unitsPerKM/kmPerDegree
	middle := north - height/2/unitsPerKM/kmPerDegree
	lng = west + p.X/unitsPerKM/(kmPerDegree*math.Cos(middle*math.Pi/180))
	return lat, lng
}

// distance returns the great-circle distance in km, as wsx.Near measures it.
func (p point) distance(q point) float64 {
	rad := math.Pi / 180
	lat1, lng1 := p.location()
	lat2, lng2 := q.location()
	sinLat, sinLng := math.Sin((lat2-lat1)*rad/2), math.Sin((lng2-lng1)*rad/2)
	h := sinLat*sinLat + math.Cos(lat1*rad)*math.Cos(lat2*rad)*sinLng*sinLng
	return 2 * kmPerDegree / rad * math.Asin(math.Sqrt(min(h, 1)))
}

func (p point) onMap() bool { return p.X >= 0 && p.X <= width && p.Y >= 0 && p.Y <= height }

type place struct {
	Name string
	point
}

var places = []place{
	{"Market Square", point{500, 350}},
	{"Old Harbour", point{418, 222}},
	{"North Point", point{655, 130}},
	{"Lakeside", point{800, 300}},
	{"Elm Valley", point{705, 612}},
	{"Southmere", point{300, 605}},
	{"Westcliff", point{180, 400}},
}

// describe returns the nearest place and the distance to it.
func describe(p point) string {
	nearest := slices.MinFunc(places, func(a, b place) int { return cmp.Compare(p.distance(a.point), p.distance(b.point)) })
	if km := p.distance(nearest.point); km >= 0.5 {
		return fmt.Sprintf("%.0f km from %s", km, nearest.Name)
	}
	return nearest.Name
}
