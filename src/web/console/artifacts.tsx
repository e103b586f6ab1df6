/** A case's artifacts: their labels and versions; adding one, and reading its master, which is on record. */
import { useState } from "react"
import { artifactClasses, papLabels, tlpLabels } from "../../share/artifacts/artifact.ts"
import { useLook, useRead } from "../kit/api.ts"
import { Button } from "../kit/button.tsx"
import { Window } from "../kit/dialog.tsx"
import { FormDialog } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Reading } from "../kit/scroll.tsx"
import { type Column, Label, Section, Table } from "../kit/table.tsx"
import type { Artifact, Case } from "./answers.ts"
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
                                { name: "Name", cell: (one) => <strong>{one.name}</strong> },
                                { name: "Class", cell: (one) => one.class },
                                {
                                    name: "Labels",
                                    cell: (one) => (
                                        <span className="labels">
                                            <Label scheme="TLP" value={one.tlp} />
                                            <Label scheme="PAP" value={one.pap} />
                                        </span>
                                    ),
                                },
                                { name: "Version", cell: (one) => one.version, end: true },
                                { name: "Since", cell: (one) => <When at={one.versionAt} short /> },
                                ...(can("artifact:read") ? [readColumn(setShown)] : []),
                            ]}
                        />
                    )
                }
            </Loaded>
            <Window title={shown?.name ?? ""} open={shown !== null} onClose={() => setShown(null)} wide>
                {shown !== null && <Master of={shown} />}
            </Window>
        </Section>
    )
}

function readColumn(show: (one: Artifact) => void): Column<Artifact> {
    const cell = (one: Artifact) => (
        <Button onPress={() => show(one)}>
            Read master… <span className="unseen">of {one.name}</span>
        </Button>
    )
    return { name: "Actions", cell, end: true }
}

function Master({ of }: { of: Artifact }) {
    const master = useLook<{ content: string; version: number }>(`/api/artifacts/${of.id}`)
    const not = useWhyNot()("artifact:write")
    return (
        <Loaded of={master}>
            {({ content, version }) => (
                <>
                    <div className="row">
                        <p className="muted">The master text of version {version}. That you read it is on record.</p>
                        <FormDialog
                            button="Revise…"
                            title={`A new version of ${of.name}`}
                            submit="Add the version"
                            wide
                            not={not}
                            asked={[{ name: "content", label: "Content", kind: "file", initial: content }]}
                            write={(body) => ({ method: "PUT", path: `/api/artifacts/${of.id}`, body })}
                        >
                            <p className="muted">Approvals of older versions do not cover it.</p>
                        </FormDialog>
                    </div>
                    <Reading label="Master text" text={content} />
                </>
            )}
        </Loaded>
    )
}

const choicesOf = (words: readonly string[]) => words.map((word) => ({ value: word, name: word }))

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
                { name: "content", label: "Content", kind: "file" },
            ]}
            write={(body) => ({ method: "POST", path: `/api/cases/${of.id}/artifacts`, body })}
        />
    )
}
