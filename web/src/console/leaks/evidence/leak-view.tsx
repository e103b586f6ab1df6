/** Shows the leaked text next to the master: the matching parts, and the reading of each slot. */
import type { LeakViewPiece, SlotState } from "../../../../../server/src/trace/attribution/leak-view.ts"
import { useLook } from "../../api.ts"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Reading, ReadingFrame } from "../../../kit/scroll.tsx"
import { Section } from "../../../kit/table.tsx"

const states: Readonly<Record<SlotState, string>> = {
    read: "read, in the form that the leak shows",
    mixed: "mixed: places of the leak disagree",
    erased: "erased: no form is seen, or more than one could be",
}

export function BesideSection({ evidence, text }: { evidence: string; text: string }) {
    const found = useLook(`/api/attributions?evidence=${evidence}`)
    const newest = found.data?.attributions[0]
    return (
        <Section title="The text beside the master">
            <div className="beside">
                <div>
                    <h3>As it was found</h3>
                    <Reading label="Leaked text" text={text} />
                </div>
                <div>
                    <h3>What it shows of the master</h3>
                    {newest === undefined ? <Empty title="Not read yet." /> : <MasterParts attribution={newest.id} />}
                </div>
            </div>
        </Section>
    )
}

function MasterParts({ attribution }: { attribution: string }) {
    const parts = useLook(`/api/attributions/${attribution}/master`)
    return (
        <Loaded query={parts}>
            {({ parts }) =>
                parts.length === 0 ? (
                    <Empty title="Nothing of what was handed out is recognised in it." />
                ) : (
                    <>
                        <ReadingFrame label="Parts of the master">
                            {parts.map((part, n) => (
                                <pre key={n} className="part">
                                    {part.map((piece, i) => (
                                        <PieceShown key={i} piece={piece} />
                                    ))}
                                </pre>
                            ))}
                        </ReadingFrame>
                        <Legend />
                    </>
                )
            }
        </Loaded>
    )
}

function PieceShown({ piece: { text, state, form } }: { piece: LeakViewPiece }) {
    if (state === null) return text
    const other = form !== null && form !== text
    const shown = form ?? text
    return (
        <mark className={`slot ${state}`} title={other ? `${states[state]}; in the master: “${text}”` : states[state]}>
            {shown === "" ? "·" : shown}
        </mark>
    )
}

function Legend() {
    return (
        <ul className="legend">
            {Object.entries(states).map(([state, message]) => (
                <li key={state}>
                    <mark className={`slot ${state}`}>{message}</mark>
                </li>
            ))}
        </ul>
    )
}
