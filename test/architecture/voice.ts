/** Rule of the voice: constructions that a reader stumbles over are kept out of the documents. */
import { proseOf } from "./links.ts"
import type { House } from "./source.ts"

/** What a document does not say, and what it says instead. */
const banned: readonly (readonly [pattern: RegExp, instead: string])[] = [
    [/\bwhoever\b/i, "name the role"],
    [/\b(nobody|anybody|somebody|whom)\b/i, "no person, any person, to which"],
    [/(?:^|[.:] )Who\b[^?]*$/, "name the role as the subject"],
    [/(?:^|[.:] )(?:What|Of what|Whose) (?:is|was|has|can|it|they|falls|stands)\b[^?.]*,/, "name the thing"],
    [/\b(anew|once more)\b/i, "again"],
    [/\b(otherwise than|other than was)\b/i, "different from"],
    [/\b(stands|falls|fallen|lies)\b/i, "is, is released"],
    [/\b(goes on|go on|comes? in(?! an?\b)|lets? in|is let out)\b/i, "continues, joins, admits, is released"],
    [/\b(by itself|by themselves|for good|for once)\b/i, "automatically, permanently"],
    [/\b(no more(?! than)|any more|anymore)\b/i, "no longer"],
    [/\b(is|are|was|were|be) (told|said)\b/i, "is notified, is shown, was reported"],
    [/(?<!\b(?:there|that) )\b(is|are|was|were) no (?!\w+er\b)/i, "is not a"],
    [/\b((is|are) to be (?!found\b)|shall)\b/i, "must"],
    [/\b(besides|beside|all the same)\b/i, "also, next to, still"],
    [/\b(of|by|to) it[.;:]/i, "the noun"],
]

const document = /^(docs\/.*|packages\/[\w-]+\/README|[A-Z]+)\.md$/

/** Pages that are written from the code, whose texts belong to other rules. */
const generated = /^docs\/reference\/(cli|errors|events|settings|http-api\/.*)\.md$/

/** Sentences that need such a word, by the file that has them. */
const exceptions: Readonly<Record<string, readonly RegExp[]>> = {
    // A line of a mail server's settings.
    "docs/operate/mail.md": [/argv=/],
}

export function voiceLaw(house: House): string[] {
    return [...house.texts].flatMap(([file, text]) => {
        if (!document.test(file) || generated.test(file)) return []
        return proseOf(text).flatMap((line, index) => {
            if (exceptions[file]?.some((exception) => exception.test(line))) return []
            return banned.flatMap(([pattern, instead]) => {
                const found = pattern.exec(line)
                return found ? [`${file}:${index + 1}: not \`${found[0].slice(0, 60)}\`, but ${instead}`] : []
            })
        })
    })
}
