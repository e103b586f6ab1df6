/** The report of an inquiry: made on record, and saved as a bundle to check and a page to print. */
import { useState } from "react"
import { Button, Do } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { saveAs } from "../kit/saving.ts"
import { useWhyNot } from "./viewer.tsx"

interface Report {
    readonly bundle: string
    readonly page: string
    readonly sha256: string
}

export function MakeReport({ inquiry }: { inquiry: string }) {
    return (
        <Opens button="Report…" title="Report of the inquiry" not={useWhyNot()("inquiry:write")}>
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
                checks it offline. It has no key, and names copies, not culprits. The page says the same, to be printed
                or saved as PDF by a browser.
            </p>
            <p className="muted">
                Whoever has either has the inquiry. That a report was made, and by whom, is on record.
            </p>
            {made === null ? (
                <Do
                    look="main"
                    write={{ method: "POST", path: `/api/inquiries/${inquiry}/report` }}
                    onDone={(answer) => setMade(answer as Report)}
                >
                    Make the report
                </Do>
            ) : (
                <>
                    <p className="row">
                        <Button look="main" onPress={() => saveAs(`${name}.json`, made.bundle)}>
                            Save the bundle
                        </Button>
                        <Button onPress={() => saveAs(`${name}.html`, made.page)}>Save the page</Button>
                    </p>
                    <p className="muted">
                        SHA-256 of the bundle: <code>{made.sha256}</code>
                    </p>
                </>
            )}
        </>
    )
}
