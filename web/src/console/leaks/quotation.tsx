/** Canaries that a leak quotes. They are shown next to the marks and counted separately. */
import type { Whose } from "@tocsin/marks/recipient"
import { Notice } from "../../kit/notice.tsx"
import { type Remade, RemadeBy } from "../artifacts/reproduced-copy.tsx"
import { useNames } from "../artifacts/viewer.tsx"

export interface QuotedNames {
    readonly looked: number
    readonly names: number
    readonly log10e: number
    readonly words: string
    readonly caution: string
    readonly found: readonly (Whose &
        Remade & {
            readonly artifact: string
            readonly version: number
            readonly what: string
            readonly decoy: boolean
        })[]
}

export function Quoted({ quotedNames }: { quotedNames: QuotedNames | null }) {
    const names = useNames()
    if (quotedNames === null || quotedNames.found.length === 0) return null
    return (
        <Notice tone="bad">
            <span>
                <strong>It quotes what one copy alone holds.</strong> {quotedNames.caution}
                <ul className="stack">
                    {quotedNames.found.map((item) => (
                        <li key={`${item.artifact} ${item.version} ${item.what} ${item.partner} ${item.person}`}>
                            {item.what} in the copy of {item.decoy ? "nobody: a decoy" : names.recipient(item)} (
                            {names.artifact(item.artifact)}, version {item.version})
                            <span className="block">
                                <RemadeBy remade={item} />
                            </span>
                        </li>
                    ))}
                </ul>
                <span className="muted">
                    log10 e {quotedNames.log10e.toFixed(1)}, {quotedNames.words}: {quotedNames.looked} words of the form
                    of a name were held against {quotedNames.names} names. It is not multiplied with what the marks say.
                </span>
            </span>
        </Notice>
    )
}
