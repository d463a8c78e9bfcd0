//! See the module `bots` of the library.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_forms::serve(example_forms::bots::app().await?).await;
    Ok(())
}
