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
import { t } from "../../messages/message.ts"

export function AddArtifact({ subject }: { subject: Case }) {
    return (
        <FormDialog
            button={t("Add artifact…")}
            title={t("Add an artifact")}
            submit={t("Add artifact")}
            wide
            disabledReason={useWhyNot()("artifact:write")}
            requests={[
                { name: "name", label: t("File name"), kind: "line", hint: t("with an ending, like guidance.md") },
                { name: "class", label: t("Class"), kind: "choice", from: choicesOf(artifactClasses) },
                { name: "tlp", label: "TLP", kind: "choice", from: choicesOf(tlpLabels), initial: "AMBER+STRICT" },
                { name: "pap", label: "PAP", kind: "choice", from: choicesOf(papLabels), initial: "AMBER" },
                {
                    name: "colluders",
                    label: t("Colluders"),
                    kind: "number",
                    initial: String(colludersDefault),
                    hint: t("recipients that may merge their copies, 1 to {colludersMax}; more need more slots", {
                        colludersMax,
                    }),
                    check: (value: string) =>
                        /^[1-9]$/.test(value.trim()) && Number(value) <= colludersMax
                            ? null
                            : t("a number from 1 to {colludersMax}", { colludersMax }),
                },
                { name: "content", label: t("Content"), kind: "file" },
            ]}
            write={({ colluders, ...answers }) =>
                writeTo("POST", `/api/cases/${subject.id}/artifacts`, { ...answers, colluders: Number(colluders) })
            }
        />
    )
}
