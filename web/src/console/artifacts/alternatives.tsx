/** Shows the alternatives of the texts in a request. Loads them on demand, because each view reads the master. */
import { useState } from "react"
import { useLook } from "../api.ts"
import { Button } from "../../kit/button.tsx"
import { Failed, Loaded } from "../../kit/notice.tsx"
import { Reading } from "../../kit/scroll.tsx"
import type { Approval } from "../answers.ts"
import { Consent, asksForConsent } from "./master-consent.tsx"
import { useArtifacts, useNames } from "./viewer.tsx"
import { t } from "../../messages/message.ts"

type Version = Approval["effects"]["artifacts"][number]

/** Shows them to people who can sign the request; for others it shows nothing. */
export function AlternativesToSign({ approval }: { approval: Approval }) {
    const names = useNames()
    const [open, setOpen] = useState<string | null>(null)
    const { artifacts, recipients } = approval.effects
    // A deletion names artifacts, and gives none out.
    if (approval.action === "case.delete_content") return null
    if (!approval.maySign || recipients.length === 0 || artifacts.length === 0) return null
    return (
        <section className="reasons">
            <h3>{t("Alternatives")}</h3>
            <p className="muted">
                {t(
                    "You sign every form of these texts. Open a file to read its alternatives: this is recorded as a read without marks, and an hourly limit applies.",
                )}
            </p>
            <div className="row wraps">
                {artifacts.map(({ artifact }) => (
                    <Button key={artifact} onPress={() => setOpen(artifact)}>
                        {names.artifact(artifact)}
                    </Button>
                ))}
            </div>
            {artifacts.map(
                (artifactVersion) =>
                    artifactVersion.artifact === open && (
                        <Alternatives key={open} approval={approval.id} artifactVersion={artifactVersion} />
                    ),
            )}
        </section>
    )
}

function Alternatives({ approval, artifactVersion }: { approval: string; artifactVersion: Version }) {
    const name = useNames().artifact(artifactVersion.artifact)
    const artifact = useArtifacts().find(({ id }) => id === artifactVersion.artifact)
    const found = useLook(`/api/approvals/${approval}/alternatives/${artifactVersion.artifact}`)
    const [master, setMaster] = useState<string | null>(null)
    if (master !== null) return <Reading label={t("Master text of {name}", { name })} text={master} />
    if (asksForConsent(found.error)) {
        return (
            <>
                <Failed error={found.error} />
                {artifact !== undefined && <Consent artifact={artifact} onRead={({ content }) => setMaster(content)} />}
            </>
        )
    }
    return (
        <Loaded query={found}>
            {({ version, alternatives }) => (
                <>
                    <h3>{t("Alternatives in {name} v{version}", { name, version })}</h3>
                    {alternatives.length === 0 && <p className="muted">{t("No alternatives in this text.")}</p>}
                    <ol>
                        {alternatives.map(({ kind, forms }, n) => (
                            <li key={n}>
                                {kind === "value"
                                    ? t("any from {first} to {last}", { first: forms[0], last: forms.at(-1) })
                                    : forms.join(" · ")}
                            </li>
                        ))}
                    </ol>
                </>
            )}
        </Loaded>
    )
}
