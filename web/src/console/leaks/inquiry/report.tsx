/** The report of an inquiry: created on request, and saved as PDF, as verifiable bundle and as page. */
import { useState } from "react"
import { writeTo, type AnswerTo } from "../../api.ts"
import { Button, Do } from "../../../kit/button.tsx"
import { Opens } from "../../../kit/dialog.tsx"
import { bytesIn, saveAs } from "../../../kit/save-file.ts"
import { useWhyNot } from "../../artifacts/viewer.tsx"

type Report = AnswerTo<"/api/inquiries/{id}/export-report", "POST">

export function MakeReport({ inquiry }: { inquiry: string }) {
    return (
        <Opens button="Report…" title="Report of the inquiry" disabledReason={useWhyNot()("inquiry:write")}>
            {() => <Making inquiry={inquiry} />}
        </Opens>
    )
}

function Making({ inquiry }: { inquiry: string }) {
    const [made, setMade] = useState<Report | null>(null)
    const name = `inquiry-${inquiry.slice(0, 8)}`
    return (
        <>
            <p>
                The bundle holds all of this inquiry, with what of the record proves it: <code>tocsin verify</code>{" "}
                checks it offline. It has no key, and names copies, not culprits. The PDF and the page say the same, to
                be read and printed.
            </p>
            <p className="muted">
                Whoever has one of them has the inquiry. That a report was made, and by whom, is on record.
            </p>
            {made === null ? (
                <Do look="main" write={writeTo("POST", `/api/inquiries/${inquiry}/export-report`)} onDone={setMade}>
                    Make the report
                </Do>
            ) : (
                <Made name={name} made={made} />
            )}
        </>
    )
}

function Made({ name, made: { bundle, page, pdf, sha256 } }: { name: string; made: Report }) {
    return (
        <>
            <p className="row">
                {pdf !== null && (
                    <Button look="main" onPress={() => saveAs(`${name}.pdf`, bytesIn(pdf))}>
                        Save the PDF
                    </Button>
                )}
                <Button onPress={() => saveAs(`${name}.json`, bundle)}>Save the bundle</Button>
                <Button onPress={() => saveAs(`${name}.html`, page)}>Save the page</Button>
            </p>
            {pdf === null && <p>It is too long for a PDF. A browser prints the page.</p>}
            <p className="muted">SHA-256 of the bundle, which stands in the PDF and in the page too:</p>
            <code className="hash">{sha256}</code>
        </>
    )
}
