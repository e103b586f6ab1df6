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
import { t, valueText } from "../../../messages/message.ts"

type Line = AnswerTo<"/api/partner-imports", "POST">["lines"][number]

export function ImportPartners() {
    return (
        <Opens button={t("Import…")} title={t("Import partners")} wide disabledReason={useWhyNot()("partner:write")}>
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
            <p className="muted">{t("An import adds partners. It does not change partners, and gives no content.")}</p>
            <FileField
                label={t("CSV file")}
                value={csv}
                onChange={setCsv}
                hint={t("columns: name, mail, tier and, optionally, status (invited or applicant)")}
            />
            {csv.trim() !== "" && <Loaded query={trial}>{({ lines }) => <Lines lines={lines} />}</Loaded>}
            <Failed error={add.error} />
            <div className="row end">
                <Button
                    look="main"
                    busy={add.isPending}
                    disabledReason={count === 0 ? t("no line has a new partner") : null}
                    onPress={() => add.mutate(writeTo("POST", "/api/partner-imports", { csv, commit: true }))}
                >
                    {count === 0
                        ? t("Add partners")
                        : t("Add {count, plural, one {# partner} other {# partners}}", { count })}
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
            caption={t("Lines of the file")}
            rows={lines}
            keyOf={({ line }) => String(line)}
            columns={[
                { name: t("Line"), cell: ({ line }) => line, end: true },
                { name: t("Partner"), cell: ({ name }) => <strong>{name}</strong> },
                { name: t("Result"), cell: ({ result }) => <Badge tone={tones[result]}>{valueText(result)}</Badge> },
                { name: t("Reason"), cell: ({ reason }) => reason },
            ]}
        />
    )
}
