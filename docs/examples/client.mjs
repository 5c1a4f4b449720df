// Posts one signed event.
//
// npm install standardwebhooks cloudevents
// BAOTIN_URL=… BAOTIN_SOURCE=… BAOTIN_SECRET=whsec_… node client.mjs

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { CloudEvent, HTTP } from "cloudevents";
import { Webhook } from "standardwebhooks";

const { BAOTIN_URL, BAOTIN_SOURCE, BAOTIN_SECRET } = process.env;
const signing = new Webhook(BAOTIN_SECRET);
const patienceS = [1, 5, 30, 120, 600];

const resultReady = (code, name, phone) =>
  new CloudEvent({
    // The same for the same fact, for ever: it is what makes posting again safe.
    id: `${code}-9`,
    source: "/h10/bu-dop/igate",
    type: "vn.dossier.result-ready",
    datacontenttype: "application/json",
    data: {
      dossier: { code },
      applicant: { name, kind: "person", phones: [phone] },
      unit: "H10.12",
      pickup: { point: "bu-dop" },
      return_by: "desk",
    },
  });

async function post(event) {
  const { body } = HTTP.structured(event);
  for (const wait of [...patienceS, null]) {
    const answer = await send(body).catch(() => null);
    if (answer?.ok) return answer.text();
    // 409 and other 4xx stay wrong however often they are posted.
    const final = answer && answer.status < 500 && answer.status !== 429;
    if (final || wait === null) throw new Error(answer ? await answer.text() : "no answer");
    await sleep(1000 * Number(answer?.headers.get("retry-after") ?? wait));
  }
}

function send(body) {
  const id = `msg_${randomUUID()}`;
  const now = new Date();
  return fetch(`${BAOTIN_URL}/v1/sources/${BAOTIN_SOURCE}/events`, {
    method: "POST",
    body,
    signal: AbortSignal.timeout(10_000),
    headers: {
      "content-type": "application/cloudevents+json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
      "webhook-signature": signing.sign(id, now, body),
    },
  });
}

console.log(await post(resultReady("000.00.12.H10-241105-0004", "Trần Văn Bình", "0912 345 678")));
