// Package assets holds what Starling looks like: fonts, icons, colours, sizes
// and spacing; and the help. It draws nothing and knows no widget; Fyne's
// resource type is the only thing that it takes from outside.
//
// The files lie beside their licences in fonts and icons, and the README there
// says where they come from and how to make them anew.
package assets
