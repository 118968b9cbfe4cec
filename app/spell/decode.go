package spell

import (
	"fmt"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// charmaps are the encodings of dictionaries beside UTF-8, by their names in
// capitals without signs.
var charmaps = map[string]*charmap.Charmap{
	"ISO88591": charmap.ISO8859_1, "ISO88592": charmap.ISO8859_2, "ISO88593": charmap.ISO8859_3,
	"ISO88594": charmap.ISO8859_4, "ISO88595": charmap.ISO8859_5, "ISO88596": charmap.ISO8859_6,
	"ISO88597": charmap.ISO8859_7, "ISO88598": charmap.ISO8859_8, "ISO88599": charmap.ISO8859_9,
	"ISO885910": charmap.ISO8859_10, "ISO885913": charmap.ISO8859_13, "ISO885914": charmap.ISO8859_14,
	"ISO885915": charmap.ISO8859_15, "KOI8R": charmap.KOI8R, "KOI8U": charmap.KOI8U,
	"TIS620": charmap.Windows874,
	"CP1250": charmap.Windows1250, "CP1251": charmap.Windows1251, "CP1252": charmap.Windows1252,
	"CP1253": charmap.Windows1253, "CP1254": charmap.Windows1254, "CP1255": charmap.Windows1255,
	"CP1256": charmap.Windows1256, "CP1257": charmap.Windows1257, "CP1258": charmap.Windows1258,
}

// decoder returns what makes UTF-8 of a file's bytes, for the name after SET.
// Without one, the encoding is ISO 8859-1, as hunspell(5) has it. What is no
// UTF-8 becomes the replacement rune, which is in no word.
func decoder(name string) (func([]byte) string, error) {
	plain := strings.ToUpper(strings.NewReplacer("-", "", "_", "", " ", "").Replace(name))
	plain = strings.Replace(strings.Replace(plain, "MICROSOFT", "", 1), "WINDOWS", "CP", 1)
	switch plain {
	case "":
		plain = "ISO88591"
	case "UTF8":
		return func(raw []byte) string { return strings.ToValidUTF8(string(raw), "�") }, nil
	}
	m, ok := charmaps[plain]
	if !ok {
		return nil, fmt.Errorf("encoding %.40q is not known: %w", name, errFormat)
	}
	return func(raw []byte) string {
		var out strings.Builder
		for _, b := range raw {
			out.WriteRune(m.DecodeByte(b))
		}
		return out.String()
	}, nil
}
