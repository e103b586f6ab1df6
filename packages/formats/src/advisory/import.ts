/**
 * Reads external documents about vulnerabilities. The format is detected from the content, and nothing that they name
 * is fetched.
 */
import { csafFacts } from "../csaf/import.ts"
import { cveFacts } from "../cve/import.ts"
import type { ImportedFacts } from "./facts.ts"
import { refuse } from "@tocsin/base/refusal"
import { parseStrictJson } from "@tocsin/base/strict-json"

/** Beyond it a document has more in it than a case takes. */
export const documentCharsMax = 2_000_000

/** Throws `json.invalid`, `advisory.too_large`, `advisory.unsupported_format` and `advisory.rejected`. */
export function readAdvisory(text: string): ImportedFacts {
    if (!(text.length <= documentCharsMax)) {
        refuse("invalid", "advisory.too_large", `a document has \`${documentCharsMax}\` characters at most`, {
            max: documentCharsMax,
        })
    }
    const root = parseStrictJson(text.replace(/^\ufeff/, ""))
    return (
        cveFacts(root) ??
        csafFacts(root) ??
        refuse(
            "invalid",
            "advisory.unsupported_format",
            "this is neither a CVE record (5.x) nor a CSAF document (2.0, 2.1)",
        )
    )
}
