/** Imports partners from a CSV file: first a dry run by line, then one button that adds the new ones. */
import { useState } from "react"
import { useWrite } from "../../../kit/api.ts"
import { Button } from "../../../kit/button.tsx"
import { Opens } from "../../../kit/dialog.tsx"
import { FileField } from "../../../kit/file-field.tsx"
import { Failed, Loaded, type Tone } from "../../../kit/notice.tsx"
import { Badge, Table } from "../../../kit/table.tsx"
import { type AnswerTo, useAnswer, writeTo } from "../../api.ts"
import { useWhyNot } from "../../artifacts/viewer.tsx"

type Line = AnswerTo<"/api/partner-imports", "POST">["lines"][number]

export function ImportPartners() {
    return (
        <Opens button="Import…" title="Import partners" wide disabledReason={useWhyNot()("partner:write")}>
            {(close) => <Import onDone={close} />}
        </Opens>
    )
}

function Import({ onDone }: { onDone: () => void }) {
    const [csv, setCsv] = useState("")
    const trial = useAnswer("/api/partner-imports", csv.trim() === "" ? null : { csv, commit: false })
    const add = useWrite(onDone)
    const count = trial.data?.lines.filter(({ result }) => result === "new").length ?? 0
    return (
        <div className="form">
            <p className="muted">An import adds partners. It does not change partners, and gives no content.</p>
            <FileField
                label="CSV file"
                value={csv}
                onChange={setCsv}
                hint="columns: name, mail, tier and, optionally, status (invited or applicant)"
            />
            {csv.trim() !== "" && <Loaded query={trial}>{({ lines }) => <Lines lines={lines} />}</Loaded>}
            <Failed error={add.error} />
            <div className="row end">
                <Button
                    look="main"
                    busy={add.isPending}
                    disabledReason={count === 0 ? "no line has a new partner" : null}
                    onPress={() => add.mutate(writeTo("POST", "/api/partner-imports", { csv, commit: true }))}
                >
                    {count === 0 ? "Add partners" : `Add ${count} partner${count === 1 ? "" : "s"}`}
                </Button>
            </div>
        </div>
    )
}

const tones: Readonly<Record<Line["result"], Tone>> = { new: "good", known: "plain", error: "bad" }

function Lines({ lines }: { lines: readonly Line[] }) {
    return (
        <Table
            tall
            caption="Lines of the file"
            rows={lines}
            keyOf={({ line }) => String(line)}
            columns={[
                { name: "Line", cell: ({ line }) => line, end: true },
                { name: "Partner", cell: ({ name }) => <strong>{name}</strong> },
                { name: "Result", cell: ({ result }) => <Badge tone={tones[result]}>{result}</Badge> },
                { name: "Reason", cell: ({ reason }) => reason },
            ]}
        />
    )
}
