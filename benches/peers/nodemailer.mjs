// nodemailer's pool: one letter for each reader, with the reader's address in its places. Reads what to send
// as JSON on stdin.

import { text } from "node:stream/consumers";
import nodemailer from "nodemailer";

const work = JSON.parse(await text(process.stdin));
const transport = nodemailer.createTransport({
  pool: true,
  host: "127.0.0.1",
  port: work.port,
  ignoreTLS: true,
  maxConnections: work.connections,
  maxMessages: Infinity,
});
await Promise.all(
  work.readers.map((reader) =>
    transport.sendMail({
      from: work.from,
      to: reader,
      subject: work.subject,
      text: work.text.join(reader),
      html: work.html.join(reader),
    }),
  ),
);
transport.close();
