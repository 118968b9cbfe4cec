package lab

// Member is a row of "space members --json".
type Member struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Role    string `json:"role"`
	Removed bool   `json:"removed"`
	Devices []struct {
		ID      string `json:"id"`
		Revoked bool   `json:"revoked"`
	} `json:"devices"`
}

// Members is what "space members" says, by name.
func (h *Home) Members(space string) map[string]Member {
	h.T.Helper()
	var list []Member
	h.JSON(&list, "space", "members", space)
	byName := map[string]Member{}
	for _, m := range list {
		byName[m.Name] = m
	}
	return byName
}
