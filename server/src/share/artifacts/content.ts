/** The limits of an artifact's content. */
import { endingOf, markedEndings } from "@tocsin/marks/carriers/registry"
import { refuse } from "@tocsin/base/refusal"

export const contentCharsMax = 1_000_000
/** The limit for texts with slots, since each copy is written separately. */
export const markedCharsMax = 200_000

/** Refuses `artifact.empty`, `artifact.too_large`. The ending of `name` decides whether copies are marked. */
export function validateContent(name: string, content: string): void {
    if (content.trim() === "") refuse("invalid", "artifact.empty", "the artifact is empty: add content")
    const max = markedEndings.includes(endingOf(name)) ? markedCharsMax : contentCharsMax
    if (!(content.length <= max)) {
        refuse("invalid", "artifact.too_large", `the artifact is too large: use at most \`${max}\` characters`, { max })
    }
}
