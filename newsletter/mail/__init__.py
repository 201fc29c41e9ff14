"""Mail: slots, inlined styles, readable colours, languages and the editor's note."""
