/** Adds an artifact to a case. */
import {
    artifactClasses,
    colludersDefault,
    colludersMax,
    papLabels,
    tlpLabels,
} from "../../../../server/src/share/artifacts/artifact.ts"
import { choicesOf } from "../../kit/field.tsx"
import { FormDialog } from "../../kit/form.tsx"
import type { Case } from "../answers.ts"
import { writeTo } from "../api.ts"
import { useWhyNot } from "./viewer.tsx"

export function AddArtifact({ subject }: { subject: Case }) {
    return (
        <FormDialog
            button="Add artifact…"
            title="Add an artifact"
            submit="Add artifact"
            wide
            disabledReason={useWhyNot()("artifact:write")}
            requests={[
                { name: "name", label: "File name", kind: "line", hint: "with an ending, like guidance.md" },
                { name: "class", label: "Class", kind: "choice", from: choicesOf(artifactClasses) },
                { name: "tlp", label: "TLP", kind: "choice", from: choicesOf(tlpLabels), initial: "AMBER+STRICT" },
                { name: "pap", label: "PAP", kind: "choice", from: choicesOf(papLabels), initial: "AMBER" },
                {
                    name: "colluders",
                    label: "Colluders",
                    kind: "number",
                    initial: String(colludersDefault),
                    hint: `recipients that may merge their copies, 1 to ${colludersMax}; more need more slots`,
                    check: (value: string) =>
                        /^[1-9]$/.test(value.trim()) && Number(value) <= colludersMax
                            ? null
                            : `a number from 1 to ${colludersMax}`,
                },
                { name: "content", label: "Content", kind: "file" },
            ]}
            write={({ colluders, ...answers }) =>
                writeTo("POST", `/api/cases/${subject.id}/artifacts`, { ...answers, colluders: Number(colluders) })
            }
        />
    )
}
