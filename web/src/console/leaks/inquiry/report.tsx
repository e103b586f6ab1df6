/** The report of an inquiry: created on request, and saved as PDF, as verifiable bundle and as page. */
import { useState } from "react"
import { writeTo, type AnswerTo } from "../../api.ts"
import { Button, Do } from "../../../kit/button.tsx"
import { bytesIn, saveAs } from "../../../kit/save-file.ts"
import { rich, t } from "../../../messages/message.ts"

type Report = AnswerTo<"/api/inquiries/{id}/export-report", "POST">

export function ReportForm({ inquiry }: { inquiry: string }) {
    const [report, setReport] = useState<Report | null>(null)
    return (
        <>
            <p>
                {rich(
                    "The bundle holds the whole inquiry with proofs from the audit log. <code>tocsin verify</code> checks it offline. The PDF and the page have the same content for readers.",
                    { code: (text) => <code>{text}</code> },
                )}
            </p>
            <p className="muted">
                {t(
                    "A report contains confidential content and no mark keys. It identifies copies, not people. The export is recorded with your name.",
                )}
            </p>
            {report === null ? (
                <Do look="main" write={writeTo("POST", `/api/inquiries/${inquiry}/export-report`)} onDone={setReport}>
                    {t("Create the report")}
                </Do>
            ) : (
                <Files name={`inquiry-${inquiry.slice(0, 8)}`} report={report} />
            )}
        </>
    )
}

function Files({ name, report: { bundle, page, pdf, sha256 } }: { name: string; report: Report }) {
    return (
        <>
            <p className="row">
                {pdf !== null && (
                    <Button look="main" onPress={() => saveAs(`${name}.pdf`, bytesIn(pdf))}>
                        {t("Save the PDF")}
                    </Button>
                )}
                <Button onPress={() => saveAs(`${name}.json`, bundle)}>{t("Save the bundle")}</Button>
                <Button onPress={() => saveAs(`${name}.html`, page)}>{t("Save the page")}</Button>
            </p>
            {pdf === null && <p>{t("The report is too long for a PDF. Print the page from a browser.")}</p>}
            <p className="muted">{t("SHA-256 of the bundle, also printed in the PDF and the page:")}</p>
            <code className="hash">{sha256}</code>
        </>
    )
}
