/** Reads bodies of forms (`application/x-www-form-urlencoded`), which OAuth 2.0 uses. */
import { refuse } from "@tocsin/base/refusal"

/** The fields of a form. Refuses `request.repeated_field` for a name that comes twice: readers would differ. */
export function parseForm(text: string): Readonly<Record<string, string>> {
    const fields = [...new URLSearchParams(text)]
    const names = new Set(fields.map(([name]) => name))
    if (names.size !== fields.length) {
        refuse("invalid", "request.repeated_field", "a field of the form comes twice: send each once")
    }
    return Object.fromEntries(fields.filter(([name]) => name !== "__proto__"))
}
