/** Canaries that a leak quotes: beside what its marks say, and counted with none of it. */
import type { Whose } from "../../lib/recipient.ts"
import { Notice } from "../kit/notice.tsx"
import { type Remade, RemadeBy } from "./remade.tsx"
import { useNames } from "./viewer.tsx"

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

export function Quoted({ of }: { of: QuotedNames | null }) {
    const names = useNames()
    if (of === null || of.found.length === 0) return null
    return (
        <Notice tone="bad">
            <span>
                <strong>It quotes what one copy alone holds.</strong> {of.caution}
                <ul className="stack">
                    {of.found.map((one) => (
                        <li key={`${one.artifact} ${one.version} ${one.what} ${one.partner} ${one.person}`}>
                            {one.what} in the copy of {one.decoy ? "nobody: a decoy" : names.recipient(one)} (
                            {names.artifact(one.artifact)}, version {one.version})
                            <span className="block">
                                <RemadeBy of={one} />
                            </span>
                        </li>
                    ))}
                </ul>
                <span className="muted">
                    log10 e {of.log10e.toFixed(1)}, {of.words}: {of.looked} words of the form of a name were held
                    against {of.names} names. It is not multiplied with what the marks say.
                </span>
            </span>
        </Notice>
    )
}
