/** What is kept with a piece of evidence: original, notes, legal hold, chain of custody and deletion. */
import { useState } from "react"
import { read, useLook } from "../../api.ts"
import { Button, SaveButton } from "../../../kit/button.tsx"
import { When } from "../../../kit/instant.tsx"
import { Loaded, Notice } from "../../../kit/notice.tsx"
import { bytesIn } from "../../../kit/save-file.ts"
import { Facts, Section } from "../../../kit/table.tsx"
import { type EvidenceAnswer, custodyWords } from "./evidence-reads.ts"
import { useNames } from "../../artifacts/viewer.tsx"
import { rich, t, valueText } from "../../../messages/message.ts"

/** Saves the original as bytes. The browser never displays it. */
export function SaveOriginal({ evidence }: { evidence: EvidenceAnswer }) {
    const content = async () => {
        const { base64 } = await read(`/api/evidence/${evidence.id}/original`)
        return bytesIn(base64 ?? "")
    }
    return (
        <SaveButton name={`evidence-${evidence.id.slice(0, 8)}.bin`} content={content}>
            {t("Save the original")}
        </SaveButton>
    )
}

export const noteNames = { licence: t("Licence"), handling: t("Handling"), other: t("Other") } as const

/** The legal hold and the notes; nothing if there are none. */
export function NotesSection({ evidence: { hold, notes } }: { evidence: EvidenceAnswer }) {
    const names = useNames()
    if (hold === null && notes.length === 0) return null
    return (
        <Section title={t("Hold and notes")}>
            {hold !== null && (
                <Notice tone="due">
                    <span>
                        {rich("Legal hold since {since}, {person}: {reason}", {
                            since: <When at={hold.setAt} short />,
                            person: names.person(hold.setBy),
                            reason: hold.reason,
                        })}
                    </span>
                </Notice>
            )}
            <ol className="history">
                {notes.map(({ id, about, text, by, at }) => (
                    <li key={id}>
                        <strong>{noteNames[about]}</strong>
                        <span className="turn-words">{text}</span>
                        <small>
                            {names.person(by)}, <When at={at} short />
                        </small>
                    </li>
                ))}
            </ol>
        </Section>
    )
}

/** Loads the chain of custody on request, because each view adds an entry. */
export function CustodySection({ evidence }: { evidence: string }) {
    const [isOpen, setOpen] = useState(false)
    return (
        <Section title={t("Chain of custody")}>
            {isOpen ? (
                <Custody evidence={evidence} />
            ) : (
                <div className="row">
                    <Button onPress={() => setOpen(true)}>{t("Show chain of custody")}</Button>
                </div>
            )}
        </Section>
    )
}

function Custody({ evidence }: { evidence: string }) {
    const names = useNames()
    const custody = useLook(`/api/evidence/${evidence}/chain-of-custody`)
    return (
        <Loaded query={custody}>
            {({ custody }) => (
                <ol className="history">
                    {custody.map(({ at, kind, detail, by, leaf }, n) => (
                        <li key={n}>
                            <strong>{custodyText(kind, detail)}</strong>
                            <small>
                                {leaf === null
                                    ? rich("{when}, {actor}, not in the audit log yet", {
                                          when: <When at={at} short />,
                                          actor: by === null ? "Tocsin" : names.person(by),
                                      })
                                    : rich("{when}, {actor}, audit log {leaf}", {
                                          when: <When at={at} short />,
                                          actor: by === null ? "Tocsin" : names.person(by),
                                          leaf,
                                      })}
                            </small>
                        </li>
                    ))}
                </ol>
            )}
        </Loaded>
    )
}

function custodyText(kind: string, detail: string | null): string {
    const action = custodyWords[kind] ?? valueText(kind)
    return detail === null ? action : `${action}: ${valueText(detail)}`
}

export function DeletedFacts({ evidence }: { evidence: EvidenceAnswer }) {
    const names = useNames()
    if (evidence.deletion === null) return null
    return (
        <Section title={t("Deleted")}>
            <Facts
                items={[
                    [t("Deleted"), <When key="at" at={evidence.deletion.at} />],
                    [t("By"), names.person(evidence.deletion.by)],
                    [t("Reason"), evidence.deletion.reason],
                ]}
            />
        </Section>
    )
}
