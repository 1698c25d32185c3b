<?php

declare(strict_types=1);

// Names and signatures that PHP, TypeScript and Erlang must agree on.

$vectors = static fn (string $name): array => json_decode(
    (string) file_get_contents(__DIR__ . "/../../../../test/vectors/$name.json"),
    true,
    flags: JSON_THROW_ON_ERROR,
);

return static fn (): array => [
    'names' => static function (Check $check) use ($vectors): void {
        ['build' => $build, 'parse' => $parse, 'groups' => $groups] = $vectors('jid-names');
        foreach ($build as ['kind' => $kind, 'id' => $id, 'instance' => $instance, 'local' => $local]) {
            $make = $kind === 'operator' ? fn () => FoyerJid::operator($id, $instance) : fn () => FoyerJid::visitor($kind, $id, $instance);
            if ($kind !== 'operator' || $local !== null) {
                $check->gives("builds $kind $id of $instance", $local ?? 'refused', $make);
            }
        }
        foreach ($parse as ['local' => $local, 'expect' => $wanted]) {
            $check->gives("reads $local", $wanted, fn () => FoyerJid::parse($local));
        }
        foreach ($groups as ['kind' => $kind, 'instance' => $instance, 'group' => $group]) {
            $check->gives("calls the $kind of $instance", $group, fn () => FoyerJid::group($kind, $instance));
        }
    },

    'signatures' => static function (Check $check) use ($vectors): void {
        foreach ($vectors('webhook-signatures') as $vector) {
            ['name' => $name, 'secret' => $secret, 'id' => $id, 'timestamp' => $at, 'body' => $body, 'signature' => $signature] = $vector;
            $check->gives("signs $name", $signature, fn () => FoyerSignature::sign($secret, $id, $at, $body));
            $ask = fn (int $now, string $text, string $given) => FoyerSignature::check([$secret], $id, (string) $at, $given, $text, $now);
            $check->gives("takes $name", null, fn () => $ask($at, $body, $signature));
            $check->gives("takes $name beside another signature", null, fn () => $ask($at + 300, $body, "v1,AAAA $signature"));
            $check->gives("refuses $name with one byte more", 'mismatch', fn () => $ask($at, "$body.", $signature));
            $check->gives("refuses $name late", 'too_old', fn () => $ask($at + 301, $body, $signature));
            $check->gives("refuses $name early", 'too_new', fn () => $ask($at - 301, $body, $signature));
            $check->gives("refuses $name without a signature", 'missing', fn () => $ask($at, $body, ''));
        }
    },
];
