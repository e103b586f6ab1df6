/** A case's artifacts: their labels and versions; adding one, and reading it, which is on record. */
import { useState } from "react"
import {
    artifactClasses,
    colludersDefault,
    colludersMost,
    papLabels,
    tlpLabels,
} from "../../share/artifacts/artifact.ts"
import { isTested } from "../../share/delivery/result.ts"
import { useLook, useRead } from "../kit/api.ts"
import { Button } from "../kit/button.tsx"
import { Window } from "../kit/dialog.tsx"
import { type Answers, type Asked, FormDialog } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Failed, Loaded, Notice } from "../kit/notice.tsx"
import { Reading } from "../kit/scroll.tsx"
import { Badge, type Column, Label, Section, Table } from "../kit/table.tsx"
import type { Artifact, Case } from "./answers.ts"
import { BecameDialog, Results } from "./became.tsx"
import { Consent, asksForConsent } from "./master-consent.tsx"
import { SamplesDialog } from "./samples.tsx"
import { StrengthDialog } from "./strength.tsx"
import { useCan, useWhyNot } from "./viewer.tsx"

export function Artifacts({ of }: { of: Case }) {
    const artifacts = useRead<{ artifacts: readonly Artifact[] }>(`/api/cases/${of.id}/artifacts`)
    const [shown, setShown] = useState<Artifact | null>(null)
    const can = useCan()
    return (
        <Section title="Artifacts" aside={<AddArtifact of={of} />}>
            <Loaded of={artifacts}>
                {({ artifacts: all }) =>
                    all.length === 0 ? (
                        <Empty title="There is nothing to hand out yet." />
                    ) : (
                        <Table
                            caption="Artifacts of this case"
                            rows={all.toSorted(
                                (a, b) => artifactClasses.indexOf(a.class) - artifactClasses.indexOf(b.class),
                            )}
                            keyOf={(one) => one.id}
                            columns={[
                                {
                                    name: "Name",
                                    cell: (one) => (
                                        <span className="row">
                                            <strong>{one.name}</strong> <span className="muted">{one.class}</span>
                                            {one.recalled && <Badge tone="bad">recalled</Badge>}
                                        </span>
                                    ),
                                },
                                {
                                    name: "Labels",
                                    cell: (one) => (
                                        <span className="labels">
                                            <Label scheme="TLP" value={one.tlp} />
                                            <Label scheme="PAP" value={one.pap} />
                                        </span>
                                    ),
                                },
                                {
                                    name: "Version",
                                    cell: ({ version, versionAt, colluders }) => (
                                        <span className="stack">
                                            <span>{version}</span>
                                            <span className="muted">for {colluders} who may collude</span>
                                            <span className="muted">
                                                <When at={versionAt} short />
                                            </span>
                                        </span>
                                    ),
                                },
                                actionsColumn(can("artifact:read") ? setShown : null),
                            ]}
                        />
                    )
                }
            </Loaded>
            <Window title={shown?.name ?? ""} open={shown !== null} onClose={() => setShown(null)} wide>
                {shown !== null && <Master of={shown} onRevised={() => setShown(null)} />}
            </Window>
        </Section>
    )
}

/** `show` null: for whoever may not read it. */
function actionsColumn(show: ((one: Artifact) => void) | null): Column<Artifact> {
    const cell = (one: Artifact) => (
        <span className="row end wraps">
            <BecameDialog of={one} />
            {show !== null && one.class === "rules" && <SamplesDialog of={one} />}
            {show !== null && <StrengthDialog of={one} />}
            {show !== null && (
                <Button onPress={() => show(one)}>
                    Read… <span className="unseen">of {one.name}</span>
                </Button>
            )}
        </span>
    )
    return { name: "Actions", cell, end: true }
}

interface Finding {
    readonly severity: "error" | "warning"
    readonly line: number
    readonly column: number
    readonly code: string
    readonly message: string
}

interface Read {
    readonly text: "master" | "own" | "unmarked"
    readonly content: string
    readonly version: number
    readonly findings: readonly Finding[]
    /** Whether it may be released as it is. */
    readonly valid: boolean
}

function Findings({ of, valid }: { of: readonly Finding[]; valid: boolean }) {
    return (
        <>
            {!valid && <Notice tone="bad">It is not released while an error stands.</Notice>}
            <Table
                caption="What is wrong with it"
                rows={of}
                keyOf={(one) => `${one.line} ${one.column} ${one.code} ${one.message}`}
                columns={[
                    { name: "Line", cell: ({ line, column }) => `${line}:${column}`, end: true },
                    {
                        name: "Severity",
                        cell: ({ severity }) => <Badge tone={severity === "error" ? "bad" : "due"}>{severity}</Badge>,
                    },
                    { name: "What", cell: ({ message }) => message },
                    { name: "Code", cell: ({ code }) => <code className="code">{code}</code> },
                ]}
            />
        </>
    )
}

const readAs: Readonly<Record<Read["text"], string>> = {
    master: "The master text, without marks.",
    own: "This is your own copy: its wording is yours alone, and a leak of it is told from everybody else's.",
    unmarked: "It carries no marks: everybody reads the same.",
}

/**
 * What was read is on record as read: once it is revised, this version is put away, and the new one is not read by that.
 * Whoever did not write it asks for the master first, to write the next.
 */
function Master({ of, onRevised }: { of: Artifact; onRevised: () => void }) {
    const [toRevise, setToRevise] = useState(false)
    const found = useLook<Read>(`/api/artifacts/${of.id}${toRevise ? "/master" : ""}`)
    const [consented, setConsented] = useState<Read | null>(null)
    if (consented !== null) return <Shown of={of} read={consented} onRevised={onRevised} />
    if (asksForConsent(found.error)) {
        return (
            <>
                <Failed error={found.error} />
                <div className="row">
                    <Consent of={of} onRead={(master) => setConsented(master as Read)} />
                </div>
            </>
        )
    }
    return (
        <Loaded of={found}>
            {(read) => <Shown of={of} read={read} onRevised={onRevised} onMaster={() => setToRevise(true)} />}
        </Loaded>
    )
}

interface ShownProps {
    of: Artifact
    read: Read
    onRevised: () => void
    onMaster?: () => void
}

function Shown({ of, read, onRevised, onMaster }: ShownProps) {
    const not = useWhyNot()("artifact:write")
    const { content, version, text, findings, valid } = read
    return (
        <>
            <div className="row">
                <p className="muted">
                    Version {version}. {readAs[text]} That you read it is on record.
                </p>
                {text === "own" ? (
                    <Button onPress={() => onMaster?.()} not={not}>
                        Read the master to revise it
                    </Button>
                ) : (
                    <Revise of={of} content={content} onRevised={onRevised} />
                )}
            </div>
            {findings.length > 0 && <Findings of={findings} valid={valid} />}
            {findings.length > 0 && text === "own" && (
                <p className="muted">Lines are the master&apos;s: in your copy, some stand elsewhere.</p>
            )}
            <Reading label={text === "own" ? "Your copy" : "Master text"} text={content} />
            {isTested(of.class) && <Results of={of} />}
        </>
    )
}

function Revise({ of, content, onRevised }: { of: Artifact; content: string; onRevised: () => void }) {
    return (
        <FormDialog
            button="Revise…"
            title={`A new version of ${of.name}`}
            submit="Add the version"
            wide
            not={useWhyNot()("artifact:write")}
            asked={[
                { name: "content", label: "Content", kind: "file", initial: content },
                colludersField(of.colluders),
            ]}
            write={(answers) => ({
                method: "PUT",
                path: `/api/artifacts/${of.id}`,
                body: withColluders(answers),
            })}
            onDone={onRevised}
        >
            <p className="muted">Approvals of older versions do not cover it.</p>
        </FormDialog>
    )
}

const choicesOf = (words: readonly string[]) => words.map((word) => ({ value: word, name: word }))

const colludersField = (initial: number): Asked => ({
    ...{ name: "colluders", label: "Recipients who may put their copies together", kind: "number" },
    initial: String(initial),
    hint: `1 to ${colludersMost}: one of them is told, if enough slots survive; more take more slots`,
    check: (value) =>
        /^[1-9]$/.test(value.trim()) && Number(value) <= colludersMost ? null : `a number from 1 to ${colludersMost}`,
})

const withColluders = (answers: Answers) => ({ ...answers, colluders: Number(answers["colluders"]) })

function AddArtifact({ of }: { of: Case }) {
    const not = useWhyNot()("artifact:write")
    return (
        <FormDialog
            button="Add an artifact…"
            title="Add an artifact"
            submit="Add it"
            wide
            not={not}
            asked={[
                { name: "name", label: "File name", kind: "line", hint: "with an ending, like guidance.md" },
                { name: "class", label: "Class", kind: "choice", from: choicesOf(artifactClasses) },
                { name: "tlp", label: "TLP", kind: "choice", from: choicesOf(tlpLabels), initial: "AMBER+STRICT" },
                { name: "pap", label: "PAP", kind: "choice", from: choicesOf(papLabels), initial: "AMBER" },
                colludersField(colludersDefault),
                { name: "content", label: "Content", kind: "file" },
            ]}
            write={(answers) => ({
                method: "POST",
                path: `/api/cases/${of.id}/artifacts`,
                body: withColluders(answers),
            })}
        />
    )
}
