package avaya

import (
	"context"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

var opListCategories = &rest.Op{Name: "Categories.List", Method: http.MethodGet, Replay: rest.Safe, Bucket: "api",
	Path: "/api/admin/match/{version}/accounts/{accountId}/categories", Success: rest.Object(200)}

// Categories is the resource of skill categories and the attributes in them.
type Categories struct{ c *Client }

// Category holds attributes, the skills of agents.
type Category struct {
	CategoryID string      `json:"categoryId"`
	Name       string      `json:"name"`
	Attributes []Attribute `json:"attributes,omitzero"`
	Extra      core.Extra  `json:"-"`
}

// Attribute is a skill. Users carry its Name, which is "Category.Value".
type Attribute struct {
	Value string     `json:"value"`
	Name  string     `json:"name,omitzero"`
	Extra core.Extra `json:"-"`
}

// CategoryListOptions narrow Categories.List.
type CategoryListOptions struct {
	// Name, if set, is that of the category that is listed.
	Name string
}

// List walks the categories.
func (c *Categories) List(ctx context.Context, opts CategoryListOptions) iter.Seq2[Category, error] {
	return listing[categoryPage, Category]{op: opListCategories, query: listQuery{PageSize: matchPage, Name: opts.Name},
		split: func(p *categoryPage) (*envelope, []Category) { return &p.envelope, p.Categories },
		key:   func(v *Category) string { return v.CategoryID }}.walk(ctx, c.c)
}

type categoryPage struct {
	envelope
	Categories []Category `json:"categories"`
}

// ListAttributes walks the attributes of all categories: the skills there are.
func (c *Categories) ListAttributes(ctx context.Context) iter.Seq2[Attribute, error] {
	return func(yield func(Attribute, error) bool) {
		for cat, err := range c.List(ctx, CategoryListOptions{}) {
			if err != nil {
				yield(Attribute{}, err)
				return
			}
			for _, a := range cat.Attributes {
				if a.Name == "" {
					a.Name = cat.Name + "." + a.Value
				}
				if !yield(a, nil) {
					return
				}
			}
		}
	}
}
