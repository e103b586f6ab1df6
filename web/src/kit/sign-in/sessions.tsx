/** Lists the viewer's sessions by device, and ends them. */
import { deviceOf } from "../../../../server/src/trust/identity/sessions/session.ts"
import { apiOf } from "../api.ts"
import { Do } from "../button.tsx"
import { When } from "../instant.tsx"
import { Loaded } from "../notice.tsx"
import { Badge, Section, Table } from "../table.tsx"
import { rich, t } from "../../messages/message.ts"

const { useRead, writeTo } = apiOf<"both">()

export function Sessions() {
    const sessions = useRead("/api/sessions")
    const hasOthers = (sessions.data?.sessions.length ?? 0) > 1
    return (
        <Section
            title={t("Sessions")}
            aside={hasOthers && <Do write={writeTo("DELETE", "/api/sessions")}>{t("End all other sessions")}</Do>}
        >
            <p className="caution">
                {t("An unused session ends. Tocsin stores the last use and its address once a minute.")}
            </p>
            <Loaded query={sessions}>
                {({ sessions }) => (
                    <Table
                        caption={t("Your sessions")}
                        rows={sessions}
                        keyOf={({ id }) => id}
                        columns={[
                            { name: t("Device"), cell: (session) => <Device session={session} /> },
                            { name: t("Signed in"), cell: ({ signedInAt }) => <When at={signedInAt} short /> },
                            { name: t("Last used"), cell: (session) => <LastUse session={session} /> },
                            { name: t("Valid until"), cell: ({ expiresAt }) => <When at={expiresAt} short /> },
                            { name: t("Actions"), cell: (session) => <End session={session} />, end: true },
                        ]}
                    />
                )}
            </Loaded>
        </Section>
    )
}

interface SessionProps {
    session: {
        readonly id: string
        readonly lastUsedAt: string | null
        readonly lastUsedFrom: string | null
        readonly lastUsedOn: string | null
        readonly isCurrent: boolean
    }
}

function Device({ session: { lastUsedOn, isCurrent } }: SessionProps) {
    return (
        <span className="row">
            {lastUsedOn ?? (isCurrent ? deviceOf(navigator.userAgent) : null) ?? t("unknown device")}
            {isCurrent && <Badge tone="good">{t("this session")}</Badge>}
        </span>
    )
}

function LastUse({ session: { lastUsedAt, lastUsedFrom } }: SessionProps) {
    if (lastUsedAt === null) return t("just now")
    return (
        <span className="stack">
            <When at={lastUsedAt} short />
            <span>{t("from {address}", { address: lastUsedFrom })}</span>
        </span>
    )
}

function End({ session: { id, lastUsedOn, isCurrent } }: SessionProps) {
    if (isCurrent) return null
    return (
        <Do write={writeTo("DELETE", `/api/sessions/${id}`)}>
            {rich("End <unseen>{device}</unseen>", {
                device: lastUsedOn ?? id,
                unseen: (text) => <span className="unseen">{text}</span>,
            })}
        </Do>
    )
}
